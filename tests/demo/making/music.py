"""A short tune of our own: as notes that are drawn, as MusicXML, and as the sound of plucked strings."""

import random
import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from tests.articles.writers import register_fonts

TITLE, COMPOSER = "Көл жээгинде", "Э. Тунгатарова"
TUNE = (
    "A4:1 C5:1 D5:2 | E5:1 D5:1 C5:2 | D5:1 E5:1 G5:2 | E5:4 | A5:1 G5:1 E5:2 | D5:1 E5:1 C5:2 | D5:1 C5:1 A4:2 | A4:4"
)
"""Bars of quarters: name, octave, length."""
STEPS = "CDEFGAB"
SEMITONES = dict(zip(STEPS, (0, 2, 4, 5, 7, 9, 11), strict=True))
RATE = 11025

Note = tuple[str, int, int]
KINDS = {1: "quarter", 2: "half", 4: "whole"}


def bars() -> list[list[Note]]:
    return [[(n[0], int(n[1]), int(n[3])) for n in bar.split()] for bar in TUNE.split("|")]


# ---------------------------------------------------------------- MusicXML 4.0


def write_musicxml(path: Path) -> None:
    head = (
        "<attributes><divisions>1</divisions><key><fifths>0</fifths></key><time><beats>4</beats><beat-type>4"
        "</beat-type></time><clef><sign>G</sign><line>2</line></clef></attributes>"
    )
    measures = "".join(
        f'<measure number="{number}">{head if number == 1 else ""}{"".join(map(_musicxml_note, bar))}</measure>'
        for number, bar in enumerate(bars(), start=1)
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
        'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n<score-partwise version="4.0">'
        f'<work><work-title>{TITLE}</work-title></work><identification><creator type="composer">{COMPOSER}</creator>'
        '</identification><part-list><score-part id="P1"><part-name>Комуз</part-name></score-part></part-list>'
        f'<part id="P1">{measures}</part></score-partwise>\n',
        encoding="utf-8",
    )


def _musicxml_note(note: Note) -> str:
    step, octave, length = note
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{pitch}<duration>{length}</duration><type>{KINDS[length]}</type></note>"


# ---------------------------------------------------------------- a page of notes


def draw_notes(path: Path) -> None:
    if "Serif" not in pdfmetrics.getRegisteredFontNames():
        register_fonts()
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle(TITLE)
    canvas.setAuthor(COMPOSER)
    canvas.setFont("Serif-Bold", 20)
    canvas.drawCentredString(A4[0] / 2, 760, TITLE)
    canvas.setFont("Serif", 12)
    canvas.drawCentredString(A4[0] / 2, 738, "Комуз үчүн үйрөнчүк күү")
    canvas.drawRightString(A4[0] - 60, 710, COMPOSER)
    for row in range(2):
        _draw_staff(canvas, bars()[row * 4 : row * 4 + 4], 640 - row * 120)
    canvas.setFont("Serif", 11)
    canvas.drawString(60, 440, "Күү жай, кең дем менен ойнолот. Ар бир төрт такттан кийин тыныгуу керек.")
    canvas.drawString(60, 422, "Үн жазуусу бул материал менен кошо сакталган.")
    canvas.save()


def _draw_staff(canvas: Canvas, four: list[list[Note]], bottom: float) -> None:
    left, right, gap = 60.0, A4[0] - 60, 8.0
    for line in range(5):
        canvas.line(left, bottom + line * gap, right, bottom + line * gap)
    width = (right - left - 30) / 4
    for number, bar in enumerate(four):
        start = left + 30 + number * width
        canvas.line(start + width, bottom, start + width, bottom + 4 * gap)
        beat = 0
        for step, octave, length in bar:
            _draw_note(canvas, start + 12 + beat * (width - 14) / 4, bottom, gap, step, octave, length)
            beat += length
    canvas.setFont("Serif-Bold", 15)
    canvas.drawString(left + 6, bottom + 2 * gap + 2, "4")
    canvas.drawString(left + 6, bottom + 2, "4")


def _draw_note(canvas: Canvas, x: float, bottom: float, gap: float, step: str, octave: int, length: int) -> None:
    place = (octave - 4) * 7 + STEPS.index(step) - STEPS.index("E")  # half steps of the staff above its lowest line, E4
    y = bottom + place * gap / 2
    canvas.ellipse(x, y - 3.4, x + 10, y + 3.4, fill=int(length == 1))
    if length < 4:
        up = place < 4
        canvas.line(x + 10 if up else x, y, x + 10 if up else x, y + (28 if up else -28))


# ---------------------------------------------------------------- sound


def write_sound(path: Path) -> None:
    """Plucked strings by Karplus and Strong (Computer Music Journal 7/2, 1983): noise that runs round and softens."""
    samples: list[int] = []
    for step, octave, length in (note for bar in bars() for note in bar):
        samples += _pluck(440 * 2 ** ((SEMITONES[step] + 12 * octave - 57) / 12), length * 0.32)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(bytes(samples))


def _pluck(pitch: float, seconds: float) -> list[int]:
    chance = random.Random(int(pitch))
    string = [chance.uniform(-1, 1) for _ in range(round(RATE / pitch))]
    heard: list[int] = []
    while len(heard) < seconds * RATE:
        heard += [128 + int(90 * value) for value in string]
        string = [0.498 * (one + other) for one, other in pairwise([*string, string[0]])]
    return heard[: int(seconds * RATE)]


DRAWN: dict[str, Callable[[Path], None]] = {
    "lake-notes.pdf": draw_notes,
    "lake-notes.musicxml": write_musicxml,
    "lake.wav": write_sound,
}
