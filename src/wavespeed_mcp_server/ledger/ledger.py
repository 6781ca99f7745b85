"""What was submitted, what became of it, what it cost. Everything the ledger promises follows from six rules.

1. **A row is written before anything can happen, and leaves on proof alone** (`attempts`). `preparing` is
   written before a file is uploaded or a person asked, `attempt` before the submit is sent, `submitted`
   before the first poll. A row that may stand for a paid task goes when it is proved that nothing was
   created, or long after its end; never for its age, and never by this machine's clock.
2. **A task is somebody's** (`seeing`). The caller that bought it, for as long as that caller lives; then
   whoever follows it or asks for it by its id first. An end is seen when it was told to its caller, in an
   answer about that very task that was not taken back. What others are shown, and what a listing shows,
   makes nothing seen.
3. **A request buys, unless its caller has an equal task that is unfinished, or whose end it has not seen
   within the last hour** (`deciding`, `following`). Equal is what the caller gave, nothing that was made of
   it. The transaction that decides also writes the row that the next decision sees; an equal call waits for
   one that is still in preparation.
4. **"Not there" needs proof** (`runs.recovery`): a history read to its end for the time of the attempt, long
   enough after it. Anything less leaves the row, and in doubt nothing is bought.
5. **Times are the API's** (`account_rows`). A row keeps when it happened by the API's clock as it was known
   then; where it was not known, the row says so (`dated`), and no time of it proves anything.
6. **Money counts from the moment it may be spent until it is known not to be** (`money`, `budget`), at the
   charge, else the quote, else the catalog's price. What was agreed to once is spent once, in the
   transaction that sends it.

The rules are synchronous functions of a `Transaction`; the methods here run each in one transaction.
"""

from __future__ import annotations

from .attempts import Attempts
from .deciding import Deciding
from .remembered import Remembered
from .seeing import Seeing


class Ledger(Attempts, Seeing, Deciding, Remembered):
    """The tasks of one account. A store that cannot be used fails what is under a budget alone."""
