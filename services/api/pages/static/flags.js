// The list of open flags (proposed or confirmed) beside or below the ranking, newest first; it holds what fits and counts the rest.

const FITS = { side: 6, bar: 3, none: 0 };
const OPEN = ['proposed', 'confirmed'];

// Newest first; what a person confirmed stands before proposals of the same time.
function inOrder(a, b) {
  return b.as_of.localeCompare(a.as_of) || (b.state === 'confirmed') - (a.state === 'confirmed') || b.id.localeCompare(a.id);
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function glyph(name, solid) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', solid ? 'g g--solid' : 'g');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

export class Flags {
  constructor(state, words) {
    Object.assign(this, { words, panel: state.layout.panel, evaluated: state.evaluated });
    this.open = new Map(state.flags.map(flag => [flag.id, flag]));
    this.list = document.getElementById('flags');
    // The server wrote the times in the campaign's zone; the viewer reads them in theirs, as the clock is.
    for (const time of this.list?.querySelectorAll('time') ?? []) time.textContent = words.moment(new Date(time.dateTime), new Date());
  }

  take(flag) {
    if (OPEN.includes(flag.state)) this.open.set(flag.id, flag);
    else this.open.delete(flag.id);
    this.draw();
  }

  newest() { return [...this.open.values()].sort(inOrder); }

  // unit -> its open flag; the first of the list when there are several.
  byUnit() { return new Map(this.newest().reverse().map(flag => [flag.unit, flag])); }

  hasConfirmed() { return [...this.open.values()].some(flag => flag.state === 'confirmed'); }

  evaluatedIn(period) {
    this.evaluated = this.words.period(period);
    this.draw();
  }

  draw() {
    if (!this.list) return;
    const newest = this.newest();
    const shown = newest.slice(0, FITS[this.panel]);
    const held = new Map([...this.list.children].map(item => [`${item.dataset.state} ${item.dataset.flag}`, item]));
    // A flag that stays as it is keeps its element, or a screen reader would be told of it again; one that was decided is told.
    this.list.replaceChildren(...shown.map(flag => held.get(`${flag.state} ${flag.id}`) ?? this.item(flag)));
    this.list.hidden = shown.length === 0;
    const none = document.getElementById('no-flags');
    none.hidden = shown.length > 0;
    if (this.panel === 'side') {
      const why = this.evaluated ? this.words.fill('no_flags_why', { time: this.evaluated }) : this.words.text.no_flags_yet;
      none.replaceChildren(element('b', '', this.words.text.no_flags), why);
      const more = document.getElementById('more');
      more.hidden = newest.length <= shown.length;
      more.textContent = this.words.fill('flag_more', { count: newest.length - shown.length });
    }
  }

  item(flag) {
    const { words } = this, { text } = words;
    const leader = flag.kind === 'leader';
    const sign = element('span', `flag flag--${leader ? 'lead' : 'urge'}`, glyph(leader ? 'star' : 'diamond', flag.state === 'confirmed'), text[`${flag.state}_${flag.kind}`]);
    const simulated = flag.simulated ? [element('span', 'sim', text.simulated)] : [];
    const interval = flag.interval && flag.interval[0] < flag.interval[1] ? ` (${words.interval(flag.interval)})` : '';
    const name = element('span', 'nm', flag.name);
    name.title = flag.name;
    const rank = flag.rank === null ? [text.flag_unranked] : [`${text.flag_rank} `, element('b', '', String(flag.rank))];
    const hits = element('b', '', words.fill('flag_hits', { hits: flag.hits, window: flag.window }));
    const item = element('li');
    item.dataset.flag = flag.id;
    item.dataset.state = flag.state;
    if (this.panel === 'bar') {
      item.append(element('div', 'top', sign, name, ...simulated));
    } else {
      const when = element('time', '', words.moment(new Date(flag.as_of), new Date()));
      when.dateTime = flag.as_of;
      item.append(element('div', 'top', sign, when), element('div', 'who', name, ...simulated));
    }
    item.append(element('p', '', ...rank, `${interval}, `, hits, `, ${text.since} ${words.period(flag.since)}`));
    return item;
  }
}
