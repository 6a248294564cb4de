// Screens that take turns: those of one block, and with ?rotate= the blocks and their maps one after another.

export class Screens {
  constructor(state, rows, words, connected) {
    Object.assign(this, { rows, words, connected, pages: state.layout.pages, seconds: state.page_seconds, left: state.page_seconds });
    const here = state.stops.findIndex(one => one.block === state.block && one.path === state.path);
    this.next = state.stops.length > 1 ? state.stops[(here + 1) % state.stops.length] : null;
    if (this.pages > 1 || this.next) setInterval(() => this.tick(), 1000);
    this.draw();
  }

  tick() {
    this.left -= 1;
    if (this.left <= 0) this.turn();
    this.draw();
  }

  turn() {
    this.left = this.seconds;
    if (this.rows.page + 1 < this.pages) this.rows.turn(this.rows.page + 1);
    // A board that cannot reach its server stays where it is: the next one would not load.
    else if (this.next && this.connected()) this.leave();
    else this.rows.turn(0);
  }

  leave() {
    const address = new URL(location.href);
    address.pathname = this.next.path;
    address.searchParams.set('block', this.next.block);
    location.replace(address);
  }

  draw() {
    const { words } = this, time = words.countdown(this.left);
    const box = document.getElementById('screens');
    box.querySelector('b').textContent = words.fill('screen', { page: this.rows.page + 1, pages: this.pages });
    const leaving = this.next && this.rows.page + 1 === this.pages;
    box.querySelector('#left').textContent = leaving ? words.fill('next_block', { title: this.next.title, time }) : words.fill('screen_left', { time });
  }
}
