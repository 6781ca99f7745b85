"""What was decided in memory while the store could not be used goes into it."""

from __future__ import annotations

from dataclasses import replace

from .rows import ATTEMPT, PREPARING, progress
from .sql_transaction import SqlTransaction


def absorb(mine: SqlTransaction, theirs: SqlTransaction, *, everything: bool) -> None:
    """Take over what was changed in `theirs` since it began, or `everything` in it.

    What another process knows better stays as it is.
    """
    chosen = "SELECT key FROM tasks" if everything else "SELECT key FROM changed WHERE what = 'tasks'"
    for (key,) in theirs.ask(chosen):
        _absorb_row(mine, theirs, key)
    for task, caller, seen, at in theirs.ask("SELECT task, caller, seen, shown_at FROM shown"):
        mine.show(task, caller, seen=bool(seen), at=at)
    for upload in theirs.ask("SELECT account, sha256, url, media_type, size_bytes, uploaded_at FROM uploads"):
        mine.remember_upload(*upload)
    for account, mark, made, at in theirs.ask("SELECT account, mark, id, made_at FROM made"):
        mine.note_made(account, [mark], made, at)
    for nonce, at in theirs.ask("SELECT nonce, spent_at FROM spent"):
        mine.spend(nonce, at)
    for name, same in theirs.ask("SELECT name, same_as FROM accounts"):
        mine.join_accounts(name, same)
    if not everything:
        gone = "what = 'holds' AND key NOT IN (SELECT key FROM holds)"
        for (hold,) in theirs.ask(f"SELECT key FROM changed WHERE {gone}"):
            mine.remove_hold(hold)
        gone = "what = 'shown' AND (key, caller) NOT IN (SELECT task, caller FROM shown)"
        for key, caller in theirs.ask(f"SELECT key, caller FROM changed WHERE {gone}"):
            mine.unshow(key, caller)


def _absorb_row(mine: SqlTransaction, theirs: SqlTransaction, key: int) -> None:
    """Rows only go forward: what is further on one side is so on the other."""
    row, known = theirs.row(key), mine.row(key)
    if row is None:
        if known is not None and known.state in {PREPARING, ATTEMPT}:
            mine.remove(key)
        return
    if known is not None and (known.request, known.begun_at) != (row.request, row.begun_at):
        # The keys of the first release are small numbers, which another file gives to other tasks.
        row, known = replace(row, key=mine.free_key()), None
    owned = mine.by_id([row.account], row.id)
    if owned is not None and owned.key != row.key:
        return
    if known is None or progress(row) >= progress(known):
        mine.put(row)
