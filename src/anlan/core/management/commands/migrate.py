"""``migrate`` as Django has it, with each migration noted in the transaction that does it."""

from django.core.management.commands import migrate as usual

from anlan.core.whole_migrations import WholeExecutor

# The command looks its executor up by this name.
vars(usual)["MigrationExecutor"] = WholeExecutor


class Command(usual.Command):
    """Nothing else is another."""
