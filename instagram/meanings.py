"""What each error of Meta's means, as one table: `instagram.errors` decides by it, the documentation prints it."""

from typing import Literal, NamedTuple

Outcome = Literal["retry", "message", "person", "account", "unknown"]


class Meaning(NamedTuple):
    """One row: how the error is recognised, what it means, what it leads to.

    Recognised by `code` and `subcode`, and by `says`, a part of Meta's message, where the numbers do not tell enough;
    without a code by the HTTP `status`. `act` is what a person has to do about it; empty where nobody has to.
    """

    code: int | None
    subcode: int | None
    outcome: Outcome
    meaning: str
    act: str = ""
    says: str | None = None
    status: int | None = None
    window: bool = False
    """The message came outside the 24-hour window."""
    throttled: bool = False
    """Too much was asked in too short a time."""
    done: bool = False
    """What was asked for is so already."""
    most_tries: int | None = None
    """So many calls at the most, even where it surely did not arrive."""


_MAY_RETURN = "wait for the customer's next message, or let a person answer with HUMAN_AGENT within 7 days"
_AGAIN = "connect the account again"
_REVIEW = "check in the App Dashboard that the app is live and its permissions are approved"
_RESTRICTED = "see in Instagram's account status what was objected to, and stop what caused it"
_FEATURE = "ask Meta in App Review for the feature Human Agent"
_RELINK = "link page and account anew in the page's settings, then connect the account again"
_ROLE = "accept the role Instagram Tester in the account's settings, or have the app approved"
_SWITCH = "switch on Allow access to messages in Instagram's settings (Message controls, Connected tools)"
_PAIR = "check that app id and app secret belong together and to this kind of login"
_MEDIA = "send a file of a type and size that Instagram takes, at a public address"

# Facts 2.4; where it names a number that Meta uses as code and as subcode, the row has it as Meta's pages show it.
MEANINGS: tuple[Meaning, ...] = (
    # Perhaps delivered
    Meaning(1, None, "unknown", "something failed inside Meta"),
    Meaning(1, 99, "unknown", "something failed, often for want of a permission", _REVIEW, most_tries=2),
    Meaning(1, 1357046, "unknown", "Meta could not read its own answer; the message was sent", most_tries=1),
    Meaning(2, None, "unknown", "Meta's service is away for a moment"),
    Meaning(2, 1545133, "unknown", "Instagram's service is away for a moment"),
    Meaning(-1, None, "unknown", "something failed inside Meta"),
    Meaning(-2, None, "unknown", "something failed inside Meta"),
    Meaning(None, None, "unknown", "a failure inside Meta, without a code", status=500),
    # Surely not delivered, may be repeated
    Meaning(4, None, "retry", "the app makes too many calls", throttled=True),
    Meaning(9, None, "retry", "too many actions in a short time"),
    Meaning(9, 2018352, "retry", "too many actions in a short time", throttled=True),
    Meaning(17, None, "retry", "the user's calls are too many", throttled=True),
    Meaning(32, None, "retry", "the page's calls are too many", throttled=True),
    Meaning(341, None, "retry", "the app reached a limit", throttled=True),
    Meaning(613, None, "retry", "the calls are too many for this kind", throttled=True),
    Meaning(613, 2534040, "retry", "messages are sent too fast", throttled=True),
    Meaning(80001, None, "retry", "the page's calls are too many", throttled=True),
    Meaning(80002, None, "retry", "the Instagram account's calls are too many", throttled=True),
    Meaning(80006, None, "retry", "the page's messages are too many", throttled=True),
    Meaning(None, None, "retry", "too many calls, without a code", status=429, throttled=True),
    Meaning(100, 2534037, "retry", "another app has the thread", "give the thread back in the app that has it"),
    Meaning(10, 2018300, "retry", "another app has the thread", "give the thread back in the app that has it"),
    Meaning(10, 2018321, "retry", "an automatic questions-and-answers flow has the thread"),
    # Never repeat this message
    Meaning(10, 2534022, "message", "outside the 24-hour window", _MAY_RETURN, window=True),
    Meaning(10, 2018278, "message", "outside the 24-hour window", _MAY_RETURN, window=True),
    Meaning(10, 2534044, "message", "outside the 24-hour window", _MAY_RETURN, window=True),
    Meaning(10, 2018276, "message", "outside the 24-hour window", _MAY_RETURN, window=True),
    Meaning(10, 2018065, "message", "outside the 24-hour window", _MAY_RETURN, window=True),
    Meaning(None, None, "message", "HUMAN_AGENT is not approved for the app", _FEATURE, says="To use 'Human Agent'"),
    Meaning(100, None, "message", "a parameter is wrong"),
    Meaning(100, 2534015, "message", "a parameter is wrong"),
    Meaning(100, 2018047, "message", "the file could not be uploaded", _MEDIA),
    Meaning(100, 2018074, "message", "the attachment cannot be used", _MEDIA),
    Meaning(100, 2018109, "message", "the file is too large", _MEDIA),
    Meaning(100, 2018294, "message", "the video could not be fetched in time; tried twice", _MEDIA),
    Meaning(100, 2018008, "message", "the file could not be fetched from its address; tried twice", _MEDIA),
    Meaning(100, 2018014, "message", "the attachment cannot be used", _MEDIA),
    Meaning(100, 33, "message", "the object does not exist, or not for this token"),
    Meaning(100, 2534001, "message", "the thread was archived or deleted"),
    Meaning(100, 2534025, "message", "the comment has its private reply already, or takes none", done=True),
    Meaning(2500, None, "message", "the address of the call is wrong"),
    Meaning(9000001, None, "message", "the message was deleted, or is older than the 20 newest"),
    Meaning(None, None, "message", "refused without a code that is known", status=400),
    # This customer cannot be reached
    Meaning(10, 2018108, "person", "the person is not available"),
    Meaning(100, 2018001, "person", "no such person for this account"),
    Meaning(100, 2534014, "person", "no such person for this account"),
    Meaning(200, 1545041, "person", "the person is not available"),
    Meaning(230, None, "person", "the person did not consent to their profile being read"),
    Meaning(551, None, "person", "the person is not available"),
    Meaning(551, 1545041, "person", "the person is not available"),
    Meaning(9010, None, "person", "the person has no profile that can be read, as Meta's review bot"),
    # Pause the account
    Meaning(1, None, "account", "app id and app secret do not belong together", _PAIR, says="validating client secret"),
    Meaning(2, 2018344, "account", "the page's terms for labels were not accepted", "accept them as the page's admin"),
    Meaning(3, None, "account", "the app lacks a capability", _REVIEW),
    Meaning(10, None, "account", "the app lacks a permission", _REVIEW),
    Meaning(10, 1893063, "account", "the account may not send for a while", _RESTRICTED),
    Meaning(10, 2534077, "account", "the link of page and account is broken, or needs a second factor", _RELINK),
    Meaning(25, None, "account", "the account is restricted", _RESTRICTED),
    Meaning(25, 2207050, "account", "the account is restricted", _RESTRICTED),
    Meaning(27, None, "account", "conversation routing is not switched on for the app", _REVIEW),
    Meaning(
        100, None, "account", "the app has no role for this account", _ROLE, says="Unsupported request - method type"
    ),
    Meaning(100, 2534013, "account", "the page is linked to no Instagram account", "link them in the page's settings"),
    Meaning(100, 2534029, "account", "the account is restricted by a policy", _RESTRICTED),
    Meaning(102, None, "account", "the session of the token has ended", _AGAIN),
    Meaning(104, None, "account", "no token came with the call", _AGAIN),
    Meaning(190, None, "account", "the token is not valid", _AGAIN),
    Meaning(190, 458, "account", "the person removed the app", _AGAIN),
    Meaning(190, 459, "account", "the person must log in to Facebook and pass a check", "do that, then " + _AGAIN),
    Meaning(190, 460, "account", "the person's password was changed", _AGAIN),
    Meaning(190, 463, "account", "the token has expired", _AGAIN),
    Meaning(190, 464, "account", "the person's login is not confirmed", "confirm it on Facebook, then " + _AGAIN),
    Meaning(190, 467, "account", "the token was invalidated", _AGAIN),
    Meaning(190, 492, "account", "the person has no role on the page any more", "connect with a login that has one"),
    Meaning(200, None, "account", "a permission is missing, or the app is not reviewed and live", _REVIEW),
    Meaning(200, 2018028, "account", "the app is not reviewed and live", _REVIEW),
    Meaning(200, 2534041, "account", "the owner switched off access to messages", _SWITCH),
    Meaning(
        200, None, "account", "the owner switched off access to messages", _SWITCH, says="disabled access to Instagram"
    ),
    Meaning(100, 2022, "account", "the account is restricted by a policy", _RESTRICTED),
    Meaning(368, None, "account", "what the account did was judged abusive", _RESTRICTED),
    Meaning(2022, None, "account", "the account is restricted by a policy", _RESTRICTED),
    Meaning(36103, None, "account", "the account is not eligible for messages by apps", _REVIEW),
    Meaning(None, None, "account", "the token was refused, without a code", _AGAIN, status=401),
)


def meaning_of(status: int, code: int | None, subcode: int | None, message: str) -> Meaning | None:
    """The row that fits best, None for numbers that are in no row.

    What the message says counts most, then code and subcode together, the subcode alone (Meta gives some under several
    codes), the code alone, the code as the subcode that it sometimes is; without numbers the HTTP status.
    """
    for row in _BY_WORDS:
        if row.says is not None and row.says in message and row.code in (code, None):
            return row
    if code is None and subcode is None:
        return _BY_STATUS[status if status in _BY_STATUS else 500 if status >= 500 else 400]
    return _EXACT.get((code, subcode)) or _BY_SUBCODE.get(subcode) or _EXACT.get((code, None)) or _BY_SUBCODE.get(code)


_BY_WORDS = [row for row in MEANINGS if row.says is not None]
_BY_STATUS = {row.status: row for row in MEANINGS if row.status is not None}
_EXACT: dict[tuple[int | None, int | None], Meaning] = {
    (row.code, row.subcode): row for row in MEANINGS if row.code is not None and row.says is None
}
_BY_SUBCODE: dict[int | None, Meaning] = {row.subcode: row for row in reversed(MEANINGS) if row.subcode is not None}
