"""The town's governance platform (基层治理四平台): what it is told, and what it tells, both signed."""
