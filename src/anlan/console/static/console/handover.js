// The button that prints; everything else of the page is plain.
document.querySelector("[data-print]")?.addEventListener("click", () => print());
