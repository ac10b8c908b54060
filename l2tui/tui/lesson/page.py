"""What the band of a lesson says, paragraph by paragraph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from l2tui.settings import SETTING_INFO, show_value
from l2tui.tui.lesson.guide import Guide
from l2tui.view.run_view import RunView

if TYPE_CHECKING:
    from l2tui.sweep.summary import SweepView

Tone = Literal["text", "strong", "good", "bad", "muted"]


class Paragraph(Struct, frozen=True):
    """A text of the band, and in which tone it is said."""

    text: str
    tone: Tone = "text"


def page_of(guide: Guide, view: RunView) -> list[Paragraph]:
    """Returns what the band says."""
    lesson, say = guide.lesson, guide.keys.put_into
    if guide.stage == "text":
        return [Paragraph(say(lesson.text))]
    if guide.stage == "question":
        return [Paragraph(say(lesson.question), "strong"), Paragraph(_answers(guide))]
    if guide.stage == "run":
        return list(_run_page(guide, view))
    if guide.stage == "result":
        return list(_result_page(guide))
    if guide.stage == "after":
        return [Paragraph(say(lesson.after))]
    lists = f"{guide.keys['app.lessons']} lists all lessons; " if guide.course.kept else ""
    leaves = f"{guide.keys['lesson.leave']} leaves, and the screen is yours."
    return [Paragraph("That was the last lesson.", "strong"), Paragraph(lists + leaves)]


def hint_of(guide: Guide) -> list[Paragraph]:
    """Returns the hint."""
    return [Paragraph(f"Hint: {guide.keys.put_into(guide.lesson.hint)}")]


def sweep_words(view: SweepView) -> str:
    """Returns what the screen of a sweep says in place of its answer, for as long as a λ is to be chosen without it."""
    if view.status is None or view.status.state != "finished":
        return "The curve forms as the folds train. The sweep's own sentence comes once you have chosen a λ."
    return "All λ are trained. Choose one from the curve and use it; the sweep's own sentence comes then."


def _answers(guide: Guide) -> str:
    keys, answers = guide.keys.digits(len(guide.lesson.answers)), guide.lesson.answers
    shown = (f"{key} {text}" for key, text in zip(keys, answers, strict=True))
    return "   ".join(f"{'▸' if number == guide.answer else ' '}{text}" for number, text in enumerate(shown, 1))


def _run_page(guide: Guide, view: RunView) -> Iterator[Paragraph]:
    standing, astray, enter = guide.standing(view), ", ".join(guide.astray(view)[:2]), guide.keys["lesson.next"]
    if standing == "other":
        yield Paragraph(f"This is not the lesson's run: {astray}.", "bad")
        yield Paragraph(f"{enter} ends it and plans the lesson's run.")
    elif standing == "cut":
        yield Paragraph(f"The run did not get to its end, epoch {guide.wanted.epochs}.", "bad")
        yield Paragraph(f"{enter} plans it again.")
    elif standing == "ended":
        yield Paragraph(_ended_words(guide))
        yield Paragraph(f"{enter} goes on to the next run.", "muted")
    elif standing == "trains":
        does = {"starting": "It starts", "paused": "It waits"}.get(view.phase, "It trains")
        yield Paragraph(f"{does}: {guide.run.name}.", "strong")
        paused = f"Paused: {guide.keys['run.toggle']} goes on." if view.phase == "paused" else ""
        yield Paragraph(paused or f"{enter} goes on when it has ended.", "muted")
    elif astray:
        yield Paragraph(f"The lesson needs other settings: {astray}.", "bad")
        yield Paragraph(f"{enter} puts them back.")
    else:
        yield Paragraph(guide.keys.put_into(guide.run.press), "strong")
        for name in guide.run.by_hand:
            yield Paragraph(f"{SETTING_INFO[name].label} is {show_value(name, getattr(view.pending, name))}.", "muted")


def _ended_words(guide: Guide) -> str:
    from l2tui.learn.conditions import measure, show

    records = guide.records[guide.index]
    train, val, gap = (show(measure(records, name)) for name in ("train_loss", "val_loss", "gap"))
    ended = f"The run {guide.run.name} has ended: train {train}, val {val}, gap {gap}"
    return f"{ended} (means of the last 5 % of its epochs)."


def _result_page(guide: Guide) -> Iterator[Paragraph]:
    from l2tui.learn.conditions import in_words

    enter, seed = guide.keys["lesson.next"], guide.wanted.seed
    if guide.holds:
        yield _verdict_on_answer(guide)
        yield Paragraph("It holds. " + in_words(guide.findings))
    elif guide.findings and guide.sweep is not None:
        yield Paragraph(in_words(guide.findings), "bad")
        yield Paragraph(f"{enter}, then {guide.keys['app.sweep']}: look at the curve again, and choose another λ.")
    else:
        yield Paragraph(f"With seed {seed} it did not show. {enter} tries seed {(seed + 1) % 2**32}.", "bad")
        yield Paragraph(in_words([finding for finding in guide.findings if finding.holds is False]))
    if guide.sweep is not None:
        yield Paragraph(guide.sweep.answer.sentence)


def _verdict_on_answer(guide: Guide) -> Paragraph:
    answers, right = guide.lesson.answers, guide.lesson.right
    said = answers[(guide.answer or right) - 1]
    if guide.answer == right:
        return Paragraph(f"You said: {said}. That is right.", "good")
    return Paragraph(f"You said: {said}. The right answer: {answers[right - 1]}.", "strong")
