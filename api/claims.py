"""What an OpenID provider says of a person, read as a user of Switchboard: who it is, and with which role."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from store.users import ROLES, Role, at_least

OWN: Mapping[str, Role] = {role: role for role in ROLES}
"""Claims that name the roles by their own names."""


class SignOnError(Exception):
    """Nobody is let in; the sentence says why, and names no secret and no code."""


@dataclass(frozen=True)
class Identity:
    """Who came back. `role` is None for whom none is meant; it is `managed` where the provider has the say about it."""

    issuer: str
    subject: str
    login: str
    display_name: str
    email: str | None
    role: Role | None
    managed: bool


@dataclass(frozen=True)
class Reading:
    """How claims are read.

    `role_claim` names a claim, or with dots a claim within claims, whose value or values are looked up in `roles`; the
    highest role counts. `default_role` is that of people without one, and None lets only those in who have one. Without
    `role_claim` it is the role of new people, and Switchboard's administrators change it. With `domains`, only e-mail
    addresses count that are in one of them and that the provider has verified.
    """

    role_claim: str = ""
    roles: Mapping[str, Role] = field(default_factory=lambda: OWN)
    default_role: Role | None = None
    domains: tuple[str, ...] = ()

    def lacks(self, claims: Mapping[str, Any]) -> bool:
        """Whether something is not there that is needed here, so that it is worth asking for more."""
        return "email" not in claims or (self.role_claim != "" and self._of_role(claims) is None)

    def identity(self, issuer: str, claims: Mapping[str, Any]) -> Identity:
        """Raises SignOnError for an e-mail address that is not let in."""
        email = claims["email"] if isinstance(claims.get("email"), str) else None
        self._check_domain(email, claims.get("email_verified"))
        subject: str = claims["sub"]
        login = _words(claims.get("preferred_username")) or _words(email) or subject
        return Identity(
            issuer=issuer,
            subject=subject,
            login=login,
            display_name=_words(claims.get("name")) or login,
            email=email,
            role=self._role(claims) or self.default_role,
            managed=self.role_claim != "",
        )

    def _check_domain(self, email: str | None, verified: object) -> None:
        if not self.domains:
            return
        if email is None or verified is not True:
            raise SignOnError("The provider does not say that your e-mail address is verified, which is needed here.")
        someone, _, domain = email.rpartition("@")
        if not someone or domain.lower() not in {allowed.lower().removeprefix("@") for allowed in self.domains}:
            raise SignOnError("People with an e-mail address of your domain are not let in here.")

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        found = self._of_role(claims)
        best: Role | None = None
        for value in found if isinstance(found, list) else [found]:
            role = self.roles.get(value) if isinstance(value, str) else None
            if role is not None and (best is None or at_least(role, best)):
                best = role
        return best

    def _of_role(self, claims: Mapping[str, Any]) -> Any:
        """The claim that gives the role; one whose name has dots in it counts before claims within claims."""
        if self.role_claim in claims:
            return claims[self.role_claim]
        found: Any = claims
        for name in self.role_claim.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found


def roles_of(pairs: Iterable[str]) -> dict[str, Role]:
    """`value=role` pairs, as settings hold them, as `Reading.roles`; raises ValueError for one that is none."""
    found: dict[str, Role] = {}
    for pair in pairs:
        value, _, named = pair.rpartition("=")
        role = OWN.get(named.strip())
        if not value.strip() or role is None:
            raise ValueError(f"{pair!r} is no pair of a claim's value and a role, as in support-team=agent")
        found[value.strip()] = role
    return found


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
