"""YAML with plain types in which a key given twice is an error, not a silent overwrite."""

from collections.abc import Hashable
from typing import Any

import yaml


def load_strict(content: bytes) -> Any:
    """The value. Raises yaml.YAMLError or UnicodeDecodeError."""
    return yaml.load(content, _StrictLoader)  # noqa: S506 - a SafeLoader that refuses more


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key given twice is an error, not a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)
