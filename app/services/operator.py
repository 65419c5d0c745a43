"""The operating system's account that runs a verb, as an actor: nobody is signed in, the account answers for it."""

from __future__ import annotations

import getpass

from app.catalogue.permissions import OPERATOR
from app.catalogue.services import Catalogue
from app.domain.actor import Actor
from app.domain.refusal import Refusal
from app.services.doorway import not_permitted


def operator_name() -> str:
    """Return what stands in the audit chain for the account."""
    return f"os:{getpass.getuser()}"


def operator(catalogue: Catalogue, name: str | None = None) -> Actor:
    """Return an account as an actor; this process's own unless it is named."""
    return Actor(operator_name() if name is None else name, "", "", "", catalogue.permissions((OPERATOR,)))


def refused_to_operator(catalogue: Catalogue, query: str) -> Refusal | None:
    """Return NOT-PERMITTED for a query that the account is not given; an undeclared name raises KeyError.

    A folder that is only read takes no audit row, so that a query that has to be written down is never the account's.
    """
    row = catalogue.queries[query]
    permissions = frozenset[str]() if row.written else catalogue.permissions((OPERATOR,))
    return not_permitted(row.permission, Actor(operator_name(), "", "", "", permissions))


def command_refused_to_operator(catalogue: Catalogue, command: str) -> Refusal | None:
    """Return NOT-PERMITTED for a command that the account is not given; an undeclared name raises KeyError."""
    return not_permitted(catalogue.commands[command].permission, operator(catalogue))
