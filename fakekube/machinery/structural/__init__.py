"""Custom resources against their structural schemas: defaulting, validation, formats, lists that are sets or maps.

Schemas are JSONSchemaProps objects, values are plain JSON. Only a process that serves custom resources imports this.
"""
