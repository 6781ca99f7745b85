"""The first answers, given while the SDK is still being imported.

Importing the SDK takes some 0.4 s, and hosts that start many servers wait for each. What a client asks first
(`initialize` or `server/discover`, `ping`, `tools/list`) is answered from a record that an earlier start of
this very server wrote (`recorder`). Every line read meanwhile is then given to the SDK, whose own answers to
those requests are dropped.

A record is used only where nothing has changed that its answers depend on: the settings and arguments are its
name (`records`), and every file of code that was loaded when it was written must be the file it was
(`evidence`). It answers only requests that the SDK would certainly accept (`shapes`). Where the SDK says
something else after all, the record is removed.
"""

from .answers import Answers
from .greeter import Greeter
from .records import Record, record_for
from .streams import claim_streams

__all__ = ["Answers", "Greeter", "Record", "claim_streams", "record_for"]
