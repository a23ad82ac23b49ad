// What the pages do beyond working without a script: the first reading's progress, one sending
// per click. No library, nothing from elsewhere.
"use strict";

const progress = document.querySelector("[data-progress]");

async function stillWaiting(watchlist) {
  const answer = await fetch(`/api/v1/sources?watchlist=${encodeURIComponent(watchlist)}`, {
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(String(answer.status));
  const { data } = await answer.json();
  return data
    .filter((s) => s.state === "active" && !s.first_poll_done_at && !s.failures)
    .map((s) => s.id);
}

async function follow(watchlist) {
  const shown = document.querySelectorAll(".source.h-waiting").length;
  for (let turn = 0; turn < 120; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    if (document.hidden) continue;
    try {
      const waiting = await stillWaiting(watchlist);
      if (waiting.length < shown) {
        location.reload();
        return;
      }
    } catch {
      // Signed out or the service restarts: ask again at the next turn.
    }
  }
}

if (progress) follow(progress.dataset.progress);

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-busy", "true");
      // After this turn, so that the click itself is still sent.
      setTimeout(() => { button.disabled = true; }, 0);
    }
  });
}

// Coming back by the browser's own button finds the form usable again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
});
