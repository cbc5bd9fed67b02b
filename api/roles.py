"""Every route and the least role it needs: what the test of all routes with all roles is made from (SPEC 7)."""

from store.users import Role

ANYONE = None
"""Nobody has to be logged in: the route is harmless, or the request itself is the permission."""

ROLES: dict[str, Role | None] = {
    # Pages and documents without anything of the business in them.
    "GET /": ANYONE,
    "GET /docs": ANYONE,
    "GET /docs/oauth2-redirect": ANYONE,
    "GET /openapi.json": ANYONE,
    "MOUNT /static": ANYONE,
    "MOUNT /static-offline-docs": ANYONE,
    # Operation: reachable for those whom the network lets in.
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": ANYONE,
    # Signed by Meta, with the app's secret.
    "GET /webhooks/instagram": ANYONE,
    "POST /webhooks/instagram": ANYONE,
    "POST /webhooks/instagram/deauthorise": ANYONE,
    "POST /webhooks/instagram/data-deletion": ANYONE,
    # Whoever has the code, the invitation, the state or the link.
    "GET /deletions/{code}": ANYONE,
    "GET /authorise/{invitation}": ANYONE,
    "POST /authorise/{invitation}/{flavour}": ANYONE,
    "GET /authorisations/{id}": ANYONE,
    "POST /authorisations/{id}": ANYONE,
    "GET /oauth/{flavour}/callback": ANYONE,
    "GET /attachments/{id}/{title}": ANYONE,
    "HEAD /attachments/{id}/{title}": ANYONE,
    # Chatbots, by their conversation's hash and their own signature.
    "POST /external/web/api/chatbotUpdate": ANYONE,
    # Who they are is only about to be said.
    "GET /api/v1/login": ANYONE,
    "POST /api/v1/login": ANYONE,
    "GET /api/v1/sign-on": ANYONE,
    "GET /api/v1/sign-on/callback": ANYONE,
    # Oneself.
    "GET /api/v1/session": "viewer",
    "POST /api/v1/logout": "viewer",
    "GET /api/v1/me": "viewer",
    "PATCH /api/v1/me": "viewer",
    "GET /api/v1/tokens": "viewer",
    "POST /api/v1/tokens": "viewer",
    "DELETE /api/v1/tokens/{id}": "viewer",
    # Others.
    "GET /api/v1/users": "admin",
    "POST /api/v1/users": "admin",
    "GET /api/v1/users/{name}": "admin",
    "PATCH /api/v1/users/{name}": "admin",
    "DELETE /api/v1/users/{name}": "admin",
    "GET /api/v1/audit": "admin",
}
