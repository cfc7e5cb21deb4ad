"""Takes files out of an archive that may lie in another one: unpack.py ARCHIVE TARGET [INNER ...] FILES."""

import fnmatch
import io
import pathlib
import sys
import tarfile
import zipfile


def members(archive):
    """The names in an archive, and how to read one."""
    if zipfile.is_zipfile(io.BytesIO(archive)):
        opened = zipfile.ZipFile(io.BytesIO(archive))
        return opened.namelist(), opened.read
    opened = tarfile.open(fileobj=io.BytesIO(archive))
    return opened.getnames(), lambda name: opened.extractfile(name).read()


archive, target, *inner, files = sys.argv[1:]
content = pathlib.Path(archive).read_bytes()
for pattern in inner:
    names, read = members(content)
    (name,) = fnmatch.filter(names, pattern)
    content = read(name)
names, read = members(content)
chosen = [name for name in fnmatch.filter(names, files) if not name.endswith("/")]
assert chosen, f"no {files} in {archive}"
for name in chosen:
    path = pathlib.Path(target, pathlib.PurePosixPath(name).name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(read(name))
    path.chmod(0o755)
