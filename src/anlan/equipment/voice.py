"""A sentence spoken by this machine, for a screen whose browser has no voice of its own (espeak-ng as a program)."""

from __future__ import annotations

import shutil
import subprocess

from anlan.equipment.errors import VoiceMissing

PROGRAM = "espeak-ng"
VOICES = {"zh": "cmn", "en": "en-gb"}
WORDS_A_MINUTE = "150"
MOST_LETTERS = 600
WITHIN_S = 5.0


def wav_of(text: str, language: str) -> bytes:
    """The text as sound (WAV). Never within a transaction: a program is run. Raises ``VoiceMissing``.

    The text goes in by its standard input, so that none of it is read as an option.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise VoiceMissing
    voice = VOICES["zh" if language.startswith("zh") else "en"]
    command = [program, "-v", voice, "-s", WORDS_A_MINUTE, "--stdin", "--stdout"]
    try:
        said = subprocess.run(
            command, input=text[:MOST_LETTERS].encode(), capture_output=True, timeout=WITHIN_S, check=True
        )
    except (subprocess.SubprocessError, OSError) as broken:
        raise VoiceMissing from broken
    return said.stdout
