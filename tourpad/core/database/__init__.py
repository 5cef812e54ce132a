"""The floor: engine, embedded server, base model, migrations."""
