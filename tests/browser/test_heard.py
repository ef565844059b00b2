"""What a desk hears: the real samples of the tones a page plays, and sentences said by a voice of this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from typing import Any

import pytest

from browser.conftest import FLAGS, shut, window
from browser.test_notices import SEND
from browser.test_ringing import TELL, ring

pytestmark = [pytest.mark.browser, pytest.mark.store_free]

# Whatever a page connects to the loudspeaker is led past an analyser too: real samples of the page's own graph.
EAR = """() => {
  const connect = AudioNode.prototype.connect, ears = new Map();
  window.ear = { context: null, state: () => window.ear.context?.state ?? "none", most: {} };
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) {
      window.ear.context = this.context;
      if (!ears.has(this.context)) {
        const ear = new AnalyserNode(this.context, { fftSize: 32768, smoothingTimeConstant: 0 });
        ears.set(this.context, ear);
        setInterval(() => listen(ear), 100);
      }
      connect.call(this, ears.get(this.context));
    }
    return connect.call(this, to, ...more);
  };
  // How loud one pitch is among the samples (Goertzel).
  function loud(samples, hertz, rate) {
    const k = 2 * Math.cos(2 * Math.PI * hertz / rate);
    let a = 0, b = 0;
    for (const x of samples) [a, b] = [x + k * a - b, a];
    return 2 * Math.sqrt(Math.max(0, a * a + b * b - k * a * b)) / samples.length;
  }
  function listen(ear) {
    const samples = new Float32Array(ear.fftSize), most = window.ear.most;
    ear.getFloatTimeDomainData(samples);
    for (const hertz of [440, 480, 660, 880, 760])
      most[hertz] = Math.max(most[hertz] ?? 0, loud(samples, hertz, ear.context.sampleRate));
    most.peak = samples.reduce((high, x) => Math.max(high, Math.abs(x)), most.peak ?? 0);
  }
  addEventListener("tell", () => console.log("ear " + JSON.stringify({ state: window.ear.state(), ...window.ear.most,
    asleep: document.querySelector("button.sound").hasAttribute("data-asleep"),
    told: document.querySelector(".notice-toast") !== null })));
}"""
ALARM = "() => window.ear.most[880] > 0.02 && window.ear.most[660] > 0.01"
"""Three tones of a sixth of a second, seen through a window of two thirds of one."""
HUSH = 0.003
ON = "localStorage.setItem('anlan-sound', 'on')"


def test_an_urgent_notice_and_a_ringing_line_are_heard_each_by_its_own_tones(screen):
    desk, leader = screen("ada", "/console", language="en"), screen("jia", "/notices")
    desk.add_init_script(f"({EAR})();{ON}")
    desk.goto(desk.url)
    desk.wait_for_selector(".live[data-state=live]")
    assert desk.evaluate("() => window.ear.most.peak ?? 0") == 0
    assert leader.evaluate(SEND, "请核对三号楼消防通道") == 201
    desk.wait_for_function(ALARM)
    heard = desk.evaluate("() => window.ear.most")
    assert max(heard["760"], heard["440"], heard["480"]) < HUSH
    assert 0.05 < heard["peak"] <= 1, "heard, and not cut off"
    ring(desk, "110-8")
    desk.wait_for_function("() => window.ear.most[440] > 0.005 && window.ear.most[480] > 0.005")
    assert desk.evaluate(TELL, ["/api/telephony/hang-up", {"line": "110-8"}]) < 300


def told_by(page: Any, wanted: str) -> dict[str, Any]:
    """What the page's ear tells by itself: to ask it would count as a press of a key."""
    told = page.wait_for_event("console", predicate=lambda m: m.text.startswith("ear ") and wanted in m.text)
    return dict(json.loads(told.text.removeprefix("ear ")))


def test_what_a_page_may_not_play_yet_is_said_and_played_once_at_the_first_key(screen, browser):
    signed_in, leader = screen("ada", "/console/units"), screen("jia", "/notices")
    own = window(browser, storage_state=signed_in.context.storage_state())
    own.add_init_script(f"({EAR})();{ON};setInterval(() => dispatchEvent(new Event('tell')), 200)")
    page, address = own.new_page(), signed_in.url
    signed_in.goto("about:blank")  # what is seen on one screen of hers is not told again on the other
    page.goto(address)
    assert leader.evaluate(SEND, "请核对四号楼消防通道") == 201
    mute = told_by(page, '"asleep":true,"told":true')
    assert mute.get("peak", 0) == 0
    page.keyboard.press("j")
    told_by(page, '"asleep":false')
    page.wait_for_function(ALARM)
    # Once: tones kept back and played together would be as many times as loud.
    assert page.evaluate("() => window.ear.most.peak") < 0.2
    shut(own)


SAID = """() => {
  window.said = [];
  const speak = SpeechSynthesis.prototype.speak;
  SpeechSynthesis.prototype.speak = function (sentence) {
    for (const kind of ["start", "end", "error"])
      sentence.addEventListener(kind, (e) =>
        window.said.push([kind, e.error ?? "", sentence.voice.lang, sentence.text]));
    return speak.call(this, sentence);
  };
}"""


@cache
def speaks_aloud() -> bool:
    """Whether a sentence said on this machine comes to its end."""
    if shutil.which("spd-say") is None:
        return False
    try:
        return subprocess.run(["spd-say", "-w", "."], timeout=5, capture_output=True, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@pytest.mark.release  # machines that run every check have no voice
@pytest.mark.parametrize(("language", "tongue"), [("en", "en"), ("zh-hans", ("zh", "cmn"))])
def test_an_urgent_notice_is_said_by_a_voice_of_this_machine(screen, browsers, language, tongue):
    if not speaks_aloud():
        pytest.skip("nothing on this machine can speak: no speech-dispatcher, or nowhere for it to sound")
    signed_in, leader = screen("ada", "/console/units", language=language), screen("jia", "/notices")
    speaking = browsers((*FLAGS, "--enable-speech-dispatcher"))
    own = window(speaking, storage_state=signed_in.context.storage_state())
    page = own.new_page()
    page.add_init_script(f"({SAID})()")
    address = signed_in.url
    signed_in.goto("about:blank")
    page.goto(address)
    person = page.get_attribute("#notices-badge", "data-person")
    page.evaluate("person => localStorage.setItem(`anlan-speech:${person}`, 'on')", person)
    page.goto(address)  # a sentence that comes before the voices do is said when they have come
    assert leader.evaluate(SEND, "请核对五号楼消防通道") == 201
    page.wait_for_function("() => window.said.some(([kind, , , text]) => kind === 'end' && text.includes('五号楼'))")
    said = [each for each in page.evaluate("() => window.said") if "五号楼" in each[3]]
    assert [kind for kind, *_rest in said] == ["start", "end"], said
    assert said[0][2].lower().startswith(tongue), said
    shut(own)
