// The strip under the masthead: since when the block stands still, and of when the ranking is that stays on the wall meanwhile.

export class Halt {
  // The server wrote the times in the campaign's zone; the viewer reads them in theirs, as the clock is.
  constructor(ranking, words) {
    Object.assign(this, { words, strip: document.getElementById('halt') });
    this.take(ranking);
  }

  take(ranking) {
    this.strip.hidden = !ranking.halted;
    if (!ranking.halted) return;
    const { words } = this, now = new Date();
    this.strip.querySelector('b').textContent = words.fill('halt', { since: words.instant(new Date(ranking.halted_since), now) });
    this.strip.querySelector('span').textContent = words.fill('halt_why', { shown: words.instant(new Date(ranking.as_of), now) });
  }
}
