"""The first answers, given while the SDK is still being imported.

Importing the SDK takes some 0.4 s, and hosts that start many servers wait for each. What a client asks first
(`initialize` or `server/discover`, then `tools/list`) is answered from a file that the SDK itself wrote.
Every line read meanwhile is then given to the SDK, whose own answers to those requests are dropped. The file
is used only with the very versions that wrote it; a test compares it with the live server in every era.
"""

from .answers import Answers
from .greeter import Greeter
from .streams import claim_streams

__all__ = ["Answers", "Greeter", "claim_streams"]
