"""`python -m routing.problems` prints the reference page of all problems."""

from routing.problems.problem import CODES

PAGE = """# Problems

What `check` can find in a configuration. Each problem has a path, such as
`decision_trees/welcome/decisions/order/actions/2/then/0`, one of these codes, a severity and a message with the cure.
Errors stop an apply; warnings are shown and do not. All of them are reported in one pass: a part that cannot be read is
told once, and nothing that would only follow from it.

How the rules that need a decision are read:

* **dead-end**: every branch of a condition counts as possible, and a loop may run zero times. Where `no_match.to` or
  `no_answer` leads on all the same, it is a warning.
* **may-dead-end** (warning): only an empty array leaves nothing to answer, because the targets come from generated
  buttons or stand in a loop.
* **circle** and **may-circle**: an automessage whose last time is later than 0, a decision that offers an answer, a
  chatbot, a queue and an end are rests; a request is none. It is an error when every branch leads round, a warning when
  some branch leads out. Time stands still on such a way: where the only branches are time conditions of one group, all
  on the same side, it is an error too.
* **unreachable**: everything that a reached tree names counts as reached, whichever decision names it; any reached
  chatbot may hand over to every queue. Nothing is called unreachable while a part of the document cannot be read.
* **outside-window** (warning): told once for each message, with the times that add up, as few of them as can be;
  what is assumed is in [the 24-hour window](../explanation/window.md).
* **never-wins**: an answer is compared with those that are always offered before it, for customers of each language. It
  never wins when an earlier one takes all that it asks for, as it is written: the same words or pattern, a word within
  a typing mistake of an earlier one or in a phrase with it, words with a text in them that an earlier pattern looks for
  (such as `/order/i` or `/(buy|order)/i`), or anything behind a pattern that takes every text. A default takes its own
  words in its turn like any other answer; as the default, it only loses to a pattern before it that takes every text.
* **never-wins** of a button is a warning, because it can still be tapped: typed by hand, its title goes elsewhere. The
  title of an earlier button is an error (**duplicate-button**).
* **variant-missing**: one warning for each text; texts and patterns without any letters to translate have none.

| Code | Meaning |
| --- | --- |
"""


def page() -> str:
    """The reference page in Markdown, `docs/reference/problems.md`."""
    return PAGE + "".join(f"| `{code}` | {meaning} |\n" for code, meaning in CODES.items())


if __name__ == "__main__":
    print(page(), end="")
