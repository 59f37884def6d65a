-- A small script that requires an installed memwell: one region, one view, one semaphore.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local name = ("consumer-%s"):format(tostring({}):match "0x(%x+)")
local region <close> = assert(memwell.Region.create(name, 800, { temporary = true }))
local semaphore <close> = assert(memwell.Semaphore.create(name, 1, { temporary = true }))
assert(semaphore:acquire(10))
local view = region:view "float64"
view:fill(0.5)
assert(view:sum() == 50.0)
assert(semaphore:release())
