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
  some branch leads out.
* **unreachable**: everything that a reached tree names counts as reached, whichever decision names it; any reached
  chatbot may hand over to every queue. Nothing is called unreachable while a part of the document cannot be read.
* **never-wins**: an answer is compared with those that are always offered before it, in each offered language. For a
  button behind a pattern that takes everything it is a warning, because it can still be tapped.
* **variant-missing**: one warning for each text; texts and patterns without any letters to translate have none.

| Code | Meaning |
| --- | --- |
"""


def page() -> str:
    """The reference page in Markdown, `docs/reference/problems.md`."""
    return PAGE + "".join(f"| `{code}` | {meaning} |\n" for code, meaning in CODES.items())


if __name__ == "__main__":
    print(page(), end="")
