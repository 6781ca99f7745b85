"""Files in and out: upload tickets, the storage, finished outputs."""

from typing import TYPE_CHECKING

import anyio.to_thread

from . import outputs, uploads
from .wire import Answer, Call, Refused, success

if TYPE_CHECKING:
    from .state import Sandbox


async def upload_ticket(sandbox: "Sandbox", call: Call) -> Answer:
    """`POST /media/uploads`."""
    if not sandbox.ticket_uploads:
        raise Refused(404, "not found")
    name, size, media_type = uploads.ticket_request(call.document())
    path, stored = sandbox.storage.promise(name, size, media_type)
    return success(uploads.ticket(sandbox.url, path, stored))


async def upload_binary(sandbox: "Sandbox", call: Call) -> Answer:
    """`POST /media/upload/binary`, the older form."""
    path, stored = await uploads.binary(sandbox.storage, call)
    return success(
        {
            "type": stored.kind,
            "download_url": sandbox.url + path,
            "filename": stored.name,
            "size": stored.size,
        }
    )


async def put(sandbox: "Sandbox", call: Call) -> Answer:
    return await uploads.put(sandbox.storage, call)


async def download(sandbox: "Sandbox", call: Call) -> Answer:
    """A finished output or a stored upload. Raises `Refused`: 400 if credentials come along, 404."""
    if "authorization" in call.headers:
        raise Refused(400, "Sandbox storage: only one way to authenticate is allowed")
    if call.path.startswith("/storage/"):
        return await uploads.get(sandbox.storage, call)
    return await _output(sandbox, call)


async def _output(sandbox: "Sandbox", call: Call) -> Answer:
    prediction_id, _, rest = call.path.removeprefix("/outputs/").partition("/")
    index, _, name = rest.partition("/")
    prediction = sandbox.predictions.get(prediction_id)
    if prediction is None or prediction.status != "completed" or not index.isdecimal():
        raise Refused(404, "Sandbox storage: no such output")
    if name != outputs.file_name(prediction.model, prediction.inputs, int(index)):
        raise Refused(404, "Sandbox storage: no such output")
    data = await anyio.to_thread.run_sync(outputs.file_bytes, prediction.model, prediction.inputs, int(index))
    media_type = outputs.MEDIA_TYPES[name.rpartition(".")[2]]
    return Answer(200, data, media_type, [("access-control-allow-origin", "*")])
