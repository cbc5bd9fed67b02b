"""Every table of the store on one page; the migrations build the same, which a test compares."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    text,
)

from store.columns import Document, Json, Time, Words

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_name)s",
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

# Connected Instagram accounts (SPEC 6.2). `token` is encrypted by a Vault.
accounts = Table(
    "accounts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("flavour", Words, nullable=False),
    Column("username", Words),
    Column("name", Words),
    Column("page_id", Words),
    Column("token", LargeBinary),
    Column("token_expires_at", Time),
    Column("status", Words, nullable=False, server_default="active"),
    Column("paused_reason", Words),
    Column("connected_at", Time, nullable=False, server_default=func.now()),
    # What Meta says of the account and its token (facts 3); `authorised_by` is the Meta user whose token it is.
    Column("kind", Words, nullable=False, server_default="unknown"),
    Column("authorised_by", Words),
    Column("token_refreshed_at", Time),
    Column("token_checked_at", Time),
    Column("data_access_expires_at", Time),
    # When the next send may leave, and until when Instagram has asked us to wait (facts 2.3).
    Column("next_send_at", Time),
    Column("limited_until", Time),
    Column("limited_reason", Words),
    Column("limited_times", Integer, nullable=False, server_default="0"),
    # The ice breakers that Instagram was told of last.
    Column("ice_breakers", Json),
    CheckConstraint("flavour IN ('page', 'login')", name="flavour"),
    CheckConstraint("status IN ('active', 'paused')", name="status"),
    CheckConstraint("kind IN ('business', 'creator', 'unknown')", name="kind"),
)

# Authorisations under way (SPEC 6.2): `id` is the single-use state, `browser` a hash of the cookie that it is bound to,
# `candidates` what can be connected, with tokens, encrypted by a Vault and emptied when the choice is made.
authorisations = Table(
    "authorisations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("connector", Words, nullable=False),
    Column("flavour", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("browser", Words, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("used_at", Time),
    Column("candidates", LargeBinary),
    Column("account", Words),
    CheckConstraint("flavour IN ('page', 'login')", name="flavour"),
)

# Production configurations; append-only by a trigger that the migration adds.
revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", Words, nullable=False, index=True),
    Column("document", Document, nullable=False),
    Column("author", Words, nullable=False),
    Column("note", Words, nullable=False, server_default=""),
    Column("created_at", Time, nullable=False, server_default=func.now()),
    # Why it was applied although scenarios failed.
    Column("override_reason", Words),
)

# Every event from Instagram once, until and after it reached its workflow (SPEC 6.1).
inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("account", Words, nullable=False),
    Column("customer", Words),
    Column("kind", Words, nullable=False),
    Column("mid", Words),
    Column("at", Time, nullable=False),
    Column("event", Json, nullable=False),
    Column("received_at", Time, nullable=False, server_default=func.now()),
    Column("forwarded_at", Time),
    Column("outcome", Words),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Words),
    Column("retry_at", Time),
    Index("inbox_waiting", "account", "customer", "at", "id", postgresql_where=text("forwarded_at IS NULL")),
    Index("inbox_mid", "mid", postgresql_where=text("mid IS NOT NULL")),
)

conversations = Table(
    "conversations",
    metadata,
    Column("name", Words, primary_key=True),
    Column("account", Words, nullable=False),
    Column("customer", Words, nullable=False),
    Column("connector", Words, nullable=False),
    Column("workflow_id", Words, nullable=False),
    Column("hash", Words, unique=True),
    Column("revision", Integer, nullable=False),
    Column("place", Words),
    Column("waiting", Words),
    Column("language", Words),
    Column("opened_at", Time, nullable=False),
    Column("last_customer_at", Time),
    Column("updated_at", Time, nullable=False, server_default=func.now()),
    Column("ended_at", Time),
    Column("cause", Words),
    Column("terminate", Words),
    Column("queue", Words),
    Column("answered", Boolean, nullable=False, server_default="false"),
    Column("missed", Boolean, nullable=False, server_default="false"),
    # What was known of the customer when it opened, contact fields included; so it can be run again as it was.
    Column("opening", Json),
    Index("conversations_opened", "opened_at", "name"),
    Index("conversations_ended", "ended_at", "name", postgresql_where=text("ended_at IS NOT NULL")),
    Index("conversations_thread", "account", "customer", "opened_at"),
    Index("conversations_open", "revision", postgresql_where=text("ended_at IS NULL")),
)

# Transcript and send ledger in one (SPEC 6.4): an outbound row is committed before its HTTP call.
messages = Table(
    "messages",
    metadata,
    Column("key", Words, primary_key=True),
    Column("conversation", ForeignKey("conversations.name"), nullable=False),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("direction", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("agent", Words),
    Column("at", Time, nullable=False),
    Column("kind", Words, nullable=False),
    Column("text", Words),
    Column("content", Json, nullable=False, server_default="{}"),
    Column("mid", Words),
    Column("state", Words, nullable=False),
    Column("reason", Words),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("first_attempt_at", Time),
    Column("last_attempt_at", Time),
    Column("most_tries", Integer),
    Column("sent_at", Time),
    Column("path", Words),
    CheckConstraint("direction IN ('in', 'out', 'note')", name="direction"),
    CheckConstraint("author IN ('customer', 'graph', 'bot', 'agent', 'app', 'system')", name="author"),
    CheckConstraint(
        "state IN ('received', 'pending', 'sending', 'sent', 'unknown', 'undecided', 'blocked', 'failed', 'deleted')",
        name="state",
    ),
    Index("messages_transcript", "conversation", "seq"),
    Index("messages_mid", "mid", "direction", unique=True, postgresql_where=text("mid IS NOT NULL")),
    Index(
        "messages_unsettled", "conversation", "seq", postgresql_where=text("state IN ('pending', 'sending', 'unknown')")
    ),
    Index("messages_words", text("to_tsvector('simple'::regconfig, text)"), postgresql_using="gin"),
    Index("messages_at", "at", postgresql_using="brin"),  # reports; rows lie in about this order, so it costs little
)

trace = Table(
    "trace",
    metadata,
    Column("conversation", ForeignKey("conversations.name"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("path", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("changed", Json, nullable=False, server_default="{}"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", BigInteger, Identity(start=1001), primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("conversation", ForeignKey("conversations.name"), index=True),
    Column("title", Words, nullable=False),
    Column("category", Words),
    Column("comment", Words, nullable=False, server_default=""),
    Column("priority", Words),
    Column("stage", Words, nullable=False, server_default="open"),
    Column("created_at", Time, nullable=False, server_default=func.now()),
    # A user's name, or `graph` where the configuration had it created.
    Column("author", Words, nullable=False, server_default="graph"),
    Column("assignee", Words),
    Column("due_at", Time),
    Column("closed_at", Time),
    Column("changed_at", Time, nullable=False, server_default=func.now()),
    # The revision whose categories and opening hours count for `due_at`.
    Column("revision", Integer),
    CheckConstraint("stage IN ('open', 'wait', 'closed', 'archived')", name="stage"),
    Index("tickets_stage", "stage", "number"),
    Index("tickets_assignee", "assignee", "number", postgresql_where=text("assignee IS NOT NULL")),
    Index(
        "tickets_words",
        text("to_tsvector('simple'::regconfig, (title || ' '::text) || comment)"),
        postgresql_using="gin",
    ),
)

# What became of each ticket: `changes` by field, as [before, after], and what somebody wrote about it.
ticket_changes = Table(
    "ticket_changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("ticket", ForeignKey("tickets.number"), nullable=False),
    Column("at", Time, nullable=False),
    Column("author", Words, nullable=False),
    Column("changes", Json, nullable=False, server_default="{}"),
    Column("comment", Words, nullable=False, server_default=""),
    Index("ticket_changes_ticket", "ticket", "id"),
    Index("ticket_changes_words", text("to_tsvector('simple'::regconfig, comment)"), postgresql_using="gin"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("account", Words, primary_key=True),
    Column("customer", Words, primary_key=True),
    Column("username", Words),
    Column("name", Words),
    Column("picture", Words),
    Column("language", Words),
    Column("fields", Json, nullable=False, server_default="{}"),
    Column("profile_at", Time),
    Column("updated_at", Time, nullable=False, server_default=func.now()),
    Index("contacts_updated", "updated_at", "account", "customer"),
)

# Every stay of a conversation in a queue of people; an empty queue is the list of those that nobody is assigned to.
# `wanted`: the agent whom somebody transferred it to. `confirmed_at`: its workflow knows that the agent has it.
stays = Table(
    "stays",
    metadata,
    Column("conversation", ForeignKey("conversations.name"), primary_key=True),
    Column("entered_at", Time, primary_key=True),
    Column("queue", Words, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("wanted", Words),
    Column("agent", Words),
    Column("accepted_at", Time),
    Column("confirmed_at", Time),
    Column("left_at", Time),
    Index("stays_open", "conversation", unique=True, postgresql_where=text("left_at IS NULL")),
    Index("stays_waiting", "priority", "entered_at", postgresql_where=text("agent IS NULL AND left_at IS NULL")),
    Index("stays_queue", "queue", "entered_at"),
    Index("stays_agent", "agent", "entered_at", postgresql_where=text("agent IS NOT NULL")),
    Index("stays_times", "entered_at", "accepted_at", postgresql_using="brin"),
)

# Whom a waiting conversation was offered to, and what came of it; one at a time, which the index sees to.
offers = Table(
    "offers",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("conversation", ForeignKey("conversations.name"), nullable=False),
    Column("entered_at", Time, nullable=False),
    Column("queue", Words, nullable=False),
    Column("agent", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("offered_at", Time, nullable=False),
    Column("until", Time, nullable=False),
    Column("outcome", Words),
    Column("settled_at", Time),
    CheckConstraint("outcome IN ('accepted', 'declined', 'expired', 'withdrawn')", name="outcome"),
    Index("offers_conversation", "conversation", "id"),
    Index("offers_agent", "agent", "id"),
    Index("offers_times", "offered_at", postgresql_using="brin"),
    Index("offers_ringing", "conversation", unique=True, postgresql_where=text("outcome IS NULL")),
)

# Whether people are there to be given conversations. `since`: of the state; `free_since`: when they last got through
# with one, or came; `ignored`: so many offers in a row were not accepted. `returns_to`: what they were when their
# heartbeat was lost, and are again at the next one.
agents = Table(
    "agents",
    metadata,
    Column("name", ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("state", Words, nullable=False, server_default="offline"),
    Column("reason", Words),
    Column("since", Time, nullable=False),
    Column("seen_at", Time, nullable=False),
    Column("free_since", Time, nullable=False),
    Column("ignored", Integer, nullable=False, server_default="0"),
    Column("returns_to", Words),
    CheckConstraint("state IN ('ready', 'paused', 'offline')", name="state"),
    CheckConstraint("returns_to IN ('ready', 'paused')", name="returns_to"),
)

# What changed, for whoever watches live; written by triggers of the tables that are watched. Transactions commit in
# another order than they begin, so a reader goes by `transaction` and only as far as all have ended.
updates = Table(
    "updates",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("transaction", BigInteger, nullable=False),
    Column("at", Time, nullable=False, server_default=func.now()),
    Column("kind", Words, nullable=False),
    Column("name", Words, nullable=False),
    Index("updates_order", "transaction", "id"),
    Index("updates_at", "at"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("kind", Words, nullable=False),
    Column("queue", Words),
    Column("conversation", ForeignKey("conversations.name")),
    Column("content", Json, nullable=False, server_default="{}"),
    Column("created_at", Time, nullable=False, server_default=func.now()),
    Column("read_at", Time),
    Column("read_by", Words),
    Index("notifications_unread", "queue", "id", postgresql_where=text("read_at IS NULL")),
)

# Keys for requests and bots (SPEC 4), encrypted by a Vault.
secrets = Table(
    "secrets",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("updated_at", Time, nullable=False, server_default=func.now()),
)

# Files that came with messages, and customers' pictures (SPEC 6.5); the bytes lie in the attachments' storage under
# `location`, which is empty where nothing was kept, and `reason` says why.
attachments = Table(
    "attachments",
    metadata,
    Column("id", Words, primary_key=True),
    Column("account", Words, nullable=False),
    Column("customer", Words),
    Column("conversation", Words),
    Column("message", Words),
    Column("type", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("media_type", Words),
    Column("size", BigInteger),
    Column("location", Words),
    Column("reason", Words),
    Column("created_at", Time, nullable=False, server_default=func.now()),
    Index("attachments_customer", "account", "customer"),
    Index("attachments_message", "message"),
)

# What people asked to have deleted (facts 1.7). Once it is done, nothing here says who it was.
deletions = Table(
    "deletions",
    metadata,
    Column("code", Words, primary_key=True),
    Column("subject", Words),
    Column("requested_at", Time, nullable=False),
    Column("done_at", Time),
    Column("counts", Json, nullable=False, server_default="{}"),
)

# The people who work here (SPEC 7). `password` is an Argon2id hash, absent for those who sign on at an OpenID provider:
# there they are the `subject` of the `issuer`.
users = Table(
    "users",
    metadata,
    Column("name", Words, primary_key=True),
    Column("display_name", Words, nullable=False),
    Column("email", Words),
    Column("role", Words, nullable=False),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("password", Words),
    Column("issuer", Words),
    Column("subject", Words),
    Column("created_at", Time, nullable=False),
    Column("last_seen_at", Time),
    # How many more conversations an agent may get while having none, one, two …; NULL is the installation's usual one.
    Column("distribution", Json),
    CheckConstraint("role IN ('viewer', 'agent', 'supervisor', 'admin')", name="role"),
    Index("users_created", "created_at", "name"),
    Index("users_subject", "issuer", "subject", unique=True, postgresql_where=text("subject IS NOT NULL")),
)

# Who is logged in; `id` is a hash of what the cookie holds.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Words, primary_key=True),
    Column("owner", ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Time, nullable=False),
    Column("last_used_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False, index=True),
)

# API tokens; `digest` is a hash of what the program sends.
tokens = Table(
    "tokens",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("digest", Words, nullable=False, unique=True),
    Column("owner", ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time),
    Column("last_used_at", Time),
    CheckConstraint("role IN ('viewer', 'agent', 'supervisor', 'admin')", name="role"),
)

# Failed logins by name and by address, each as a hash: people type their password into the wrong field.
attempts = Table(
    "attempts",
    metadata,
    Column("key", Words, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Time, nullable=False, index=True),
    Column("blocked_until", Time),
)

# Who did what; append-only by a trigger that the migration adds.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", Time, nullable=False, server_default=func.now()),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("object", Words, nullable=False),
    Column("details", Json, nullable=False, server_default="{}"),
    Index("audit_actor", "actor", "id"),
    Index("audit_object", "object", "id"),
    Index("audit_at", "at"),
)

# What each revision changed, by entity; so it is known which revision an entity is from (SPEC 8).
revision_changes = Table(
    "revision_changes",
    metadata,
    Column("kind", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False, index=True),
    Column("change", Words, nullable=False),
    CheckConstraint("change IN ('added', 'changed', 'removed')", name="change"),
)

# The working copy that people edit (SPEC 1), an entity a row; the languages have an empty name.
sandbox = Table(
    "sandbox",
    metadata,
    Column("kind", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Document, nullable=False),
    Column("author", Words, nullable=False),
    Column("changed_at", Time, nullable=False, server_default=func.now()),
)

# Scripted conversations that are kept with the configuration and run before every apply (SPEC 9.2).
scenarios = Table(
    "scenarios",
    metadata,
    Column("name", Words, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Document, nullable=False),
    Column("author", Words, nullable=False),
    Column("changed_at", Time, nullable=False, server_default=func.now()),
)

# Which open conversations are to go on with a revision that was applied while they ran, and what came of it (SPEC 2.4).
# `asked_at`: its workflow was told.
moves = Table(
    "moves",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("conversation", ForeignKey("conversations.name"), primary_key=True),
    Column("before", Integer, nullable=False),
    Column("state", Words, nullable=False, server_default="waiting"),
    Column("reason", Words),
    Column("path", Words),
    Column("asked_at", Time),
    Column("settled_at", Time),
    CheckConstraint("state IN ('waiting', 'moved', 'refused')", name="state"),
    Index("moves_to_ask", "revision", "conversation", postgresql_where=text("state = 'waiting' AND asked_at IS NULL")),
)

# What each conversation took in from outside (SPEC 9.3): its event number `number`, in the step whose first visit has,
# or would have, the number `visit`; and for the answer of a request what was `asked`. As `json`, since the order of
# names in an answer is part of it.
happened = Table(
    "happened",
    metadata,
    Column("conversation", ForeignKey("conversations.name"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("visit", Integer, nullable=False),
    Column("at", Time, nullable=False),
    Column("event", Document, nullable=False),
    Column("asked", Document),
)

# Outgoing webhooks (SPEC 8); `secret` signs what is sent and is encrypted by a Vault, as is `old_secret`, which signs
# beside it until `old_until`. `failures`: so many rounds in a row nothing arrived; nothing is tried before `retry_at`.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("title", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("kinds", Json, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("old_secret", LargeBinary),
    Column("old_until", Time),
    Column("author", Words, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("state", Words, nullable=False, server_default="active"),
    Column("paused_reason", Words),
    Column("failing_since", Time),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("retry_at", Time),
    CheckConstraint("state IN ('active', 'paused', 'removed')", name="state"),
)

# What the outside is told, written in the transaction of the change itself, so that nothing is forgotten; `shared_at`:
# every webhook that wants it has a delivery of it.
announcements = Table(
    "announcements",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("kind", Words, nullable=False),
    Column("conversation", Words),
    Column("at", Time, nullable=False),
    Column("content", Document, nullable=False),
    Column("shared_at", Time),
    Index("announcements_new", "id", postgresql_where=text("shared_at IS NULL")),
)

# An announcement for a webhook: tried when `due_at` has come, given up when it has been tried for long. `since` is when
# that time began, anew with every resumption and every retry by hand, and `tries` are those since then.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("webhook", ForeignKey("webhooks.id"), primary_key=True),
    Column("announcement", ForeignKey("announcements.id"), primary_key=True),
    Column("state", Words, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("since", Time, nullable=False),
    Column("due_at", Time, nullable=False),
    Column("settled_at", Time),
    CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
    Index("webhook_deliveries_waiting", "webhook", "due_at", postgresql_where=text("state = 'waiting'")),
    Index("webhook_deliveries_announcement", "announcement"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("webhook", BigInteger, nullable=False),
    Column("announcement", BigInteger, nullable=False),
    Column("at", Time, nullable=False),
    Column("status", Integer),
    Column("error", Words),
    Column("milliseconds", Integer, nullable=False),
    ForeignKeyConstraint(
        ["webhook", "announcement"], ["webhook_deliveries.webhook", "webhook_deliveries.announcement"]
    ),
    Index("webhook_attempts_delivery", "webhook", "announcement", "id"),
)

# E-mails about missed chats, at most one for each person. `sending` is committed before the mail server hears of it, so
# that a mail of which nobody knows the end is never sent again.
mails = Table(
    "mails",
    metadata,
    Column("conversation", ForeignKey("conversations.name"), primary_key=True),
    Column("person", Words, primary_key=True),
    Column("state", Words, nullable=False, server_default="waiting"),
    Column("reason", Words),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("changed_at", Time, nullable=False),
    CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'undecided')", name="state"),
)
