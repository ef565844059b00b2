// A voice of this machine for the language of the page. Only local ones: others would send the sentence out of the
// house. They come after the page. Linux calls Mandarin "cmn"; Cantonese comes last.
const SPOKEN = { zh: [/^zh([-_](cn|hans).*)?$/i, /^cmn/i, /^zh/i], en: [/^en/i] };

export function voice() {
  const wanted = SPOKEN[document.documentElement.lang.slice(0, 2)] ?? SPOKEN.en;
  const own = globalThis.speechSynthesis?.getVoices().filter((v) => v.localService) ?? [];
  for (const tongue of wanted) {
    const found = own.find((v) => tongue.test(v.lang));
    if (found) return found;
  }
}
