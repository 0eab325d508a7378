// What scrolls sideways must be reached by the keyboard, too.
function reach() {
  for (const box of document.querySelectorAll(".content pre, .cell_output")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
addEventListener("load", reach);
addEventListener("resize", reach);
