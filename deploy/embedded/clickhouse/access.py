"""What the engine lets its one user do: everything in the role of the owner, only look in that of the reader.

chdb knows one user, who holds both roles; a connection that sets one of them has only its grants, and the engine itself
refuses the rest. It has no place to keep new users, roles, quotas or row policies: making one fails with code 514.
"""

from pathlib import Path
from xml.sax.saxutils import escape

FILE_NAME = "thidua-access.xml"
READER_ROLE = "reading"
_OWNER_ROLE = "owning"

_CONFIG = """<clickhouse>
  <user_directories><users_xml><path>{path}</path></users_xml></user_directories>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <roles>
    <{owner}><grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants></{owner}>
    <{reader}>
      <grants>
        <query>GRANT SELECT, dictGet ON *.*</query>
        <query>GRANT CREATE TEMPORARY TABLE ON *.*</query>
      </grants>
    </{reader}>
  </roles>
  <users>
    <default>
      <password></password>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT {owner}</query>
        <query>GRANT {reader}</query>
      </grants>
    </default>
  </users>
</clickhouse>
"""


def write_access(folder: Path) -> Path:
    """Writes the file into `folder` and returns its path, which goes to the engine as `config-file`."""
    path = folder / FILE_NAME
    path.write_text(_CONFIG.format(path=escape(str(path)), owner=_OWNER_ROLE, reader=READER_ROLE))
    return path
