"""Lets the engine's one user see users, roles and policies: without this file `SHOW POLICIES` is denied.

The engine has no place to keep new ones: CREATE USER, ROLE, QUOTA or ROW POLICY fail with code 514.
"""

from pathlib import Path
from xml.sax.saxutils import escape

FILE_NAME = "thidua-access.xml"

_CONFIG = """<clickhouse>
  <user_directories><users_xml><path>{path}</path></users_xml></user_directories>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <access_management>1</access_management>
      <named_collection_control>1</named_collection_control>
    </default>
  </users>
</clickhouse>
"""


def write_access(folder: Path) -> Path:
    """Writes the file into `folder` and returns its path, which goes to the engine as `config-file`."""
    path = folder / FILE_NAME
    path.write_text(_CONFIG.format(path=escape(str(path))))
    return path
