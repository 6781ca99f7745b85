"""The file room: what may be read and written, uploads and downloads."""
