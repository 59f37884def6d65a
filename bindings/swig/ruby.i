/* Ruby: how what memwell takes and gives becomes Ruby's own.
 *
 * SPDX-License-Identifier: MIT */

%include <exception.i>
