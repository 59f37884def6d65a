"""A bank whose money is all there, though its clerks are killed in the middle of a transfer.

    bank.py FILE                            how much is in each account, and in all
    bank.py FILE FROM TO AMOUNT [PAUSE]     a transfer, with so many seconds in its middle, for you to kill it with kill -9

The first to come makes FILE, a well, with 100 in each account. A mutex guards the accounts. Before it touches them, a transfer
writes down what was in them; if it dies, the mutex is inconsistent, and whoever acquires it next, in any of the three languages,
puts that back. examples/README.md says what is in the well.
"""

# SPDX-License-Identifier: MIT
import os
import sys
import time

import memwell

SIZE, ACCOUNTS, BEGINNING = 65536, 4, 100
STATE, FROM, TO, FROM_HAD, TO_HAD, FIELDS = range(6)  # of the intent
NEW, QUIET, UNDER_WAY = range(3)  # its state; the zero of a new array means a new bank


class Bank:
    """The accounts, the intent of the transfer that is under way, and the mutex that guards both."""

    def __init__(self, well: memwell.Well) -> None:
        self.accounts = well.array("accounts", "int64", ACCOUNTS)
        self.intent = well.array("intent", "int64", FIELDS)
        self.ledger = well.mutex("ledger", recover=self.repair)

    def repair(self) -> None:
        """Make good what a dead clerk left, or begin. Whoever dies in here leaves the same work to the next one."""
        if self.intent[STATE] == NEW:
            self.accounts.fill(BEGINNING)
        if self.intent[STATE] == UNDER_WAY:
            _, source, target, source_had, target_had = self.intent.tolist()
            self.accounts[source] = source_had
            self.accounts[target] = target_had
            print(f"repaired: a transfer from account {source} to {target} died half-way, and is undone")
        self.intent[STATE] = QUIET

    def balance(self, account: int) -> int:
        if account not in range(ACCOUNTS):
            raise ValueError(f"no account {account}")
        return int(self.accounts[account])

    def transfer(self, source: int, target: int, amount: int, pause: float) -> None:
        source_has, target_has = self.balance(source), self.balance(target)
        if source_has < amount:
            raise ValueError(f"account {source} has only {source_has}")
        self.intent[FROM], self.intent[TO] = source, target
        self.intent[FROM_HAD], self.intent[TO_HAD] = source_has, target_has
        self.intent[STATE] = UNDER_WAY  # from here on all of the above counts
        self.accounts[source] = source_has - amount
        print(f"{os.getpid()} has taken {amount} from account {source}", flush=True)
        time.sleep(pause)
        self.accounts[target] += amount
        self.intent[STATE] = QUIET  # and from here on the transfer has happened
        print(f"{os.getpid()} has put it into account {target}")

    def show(self) -> None:
        for account in range(ACCOUNTS):
            print(f"account {account}: {self.balance(account)}")
        print(f"in all: {self.accounts.sum()}")


def main() -> None:
    if len(sys.argv) not in (2, 5, 6):
        sys.exit("usage: bank.py FILE [FROM TO AMOUNT [PAUSE]]")
    path, *order = sys.argv[1:]
    try:
        with memwell.Well.file(path, SIZE) as well:
            bank = Bank(well)
            with bank.ledger:
                if bank.intent[STATE] == NEW:
                    bank.repair()
                if order:
                    source, target, amount = map(int, order[:3])
                    bank.transfer(source, target, amount, float(order[3]) if order[3:] else 0)
                else:
                    bank.show()
    except (OSError, ValueError, memwell.Error) as error:
        sys.exit(f"bank: {error}")


if __name__ == "__main__":
    main()
