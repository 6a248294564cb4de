// The list of proposed flags beside or below the ranking, newest first; it holds what fits and counts the rest.

const FITS = { side: 6, bar: 3, none: 0 };

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function glyph(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'g');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

export class Flags {
  constructor(state, words) {
    Object.assign(this, { words, panel: state.layout.panel, evaluated: state.evaluated });
    this.proposed = new Map(state.flags.map(flag => [flag.id, flag]));
    this.list = document.getElementById('flags');
    // The server wrote the times in the campaign's zone; the viewer reads them in theirs, as the clock is.
    for (const time of this.list?.querySelectorAll('time') ?? []) time.textContent = words.moment(new Date(time.dateTime), new Date());
  }

  take(flag) {
    if (flag.state === 'proposed') this.proposed.set(flag.id, flag);
    else this.proposed.delete(flag.id);
    this.draw();
  }

  byUnit() { return new Map([...this.proposed.values()].map(flag => [flag.unit, flag.kind])); }

  evaluatedIn(period) {
    this.evaluated = this.words.period(period);
    this.draw();
  }

  draw() {
    if (!this.list) return;
    const newest = [...this.proposed.values()].sort((a, b) => b.as_of.localeCompare(a.as_of) || b.id.localeCompare(a.id));
    const shown = newest.slice(0, FITS[this.panel]);
    const held = new Map([...this.list.children].map(item => [item.dataset.flag, item]));
    // A flag that stays keeps its element, or a screen reader would be told of it again.
    this.list.replaceChildren(...shown.map(flag => held.get(flag.id) ?? this.item(flag)));
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
    const sign = element('span', `flag flag--${leader ? 'lead' : 'urge'}`, glyph(leader ? 'star' : 'diamond'), text[flag.kind]);
    const simulated = flag.simulated ? [element('span', 'sim', text.simulated)] : [];
    const interval = flag.interval && flag.interval[0] < flag.interval[1] ? ` (${words.interval(flag.interval)})` : '';
    const name = element('span', 'nm', flag.name);
    name.title = flag.name;
    const rank = flag.rank === null ? [text.flag_unranked] : [`${text.flag_rank} `, element('b', '', String(flag.rank))];
    const hits = element('b', '', words.fill('flag_hits', { hits: flag.hits, window: flag.window }));
    const item = element('li');
    item.dataset.flag = flag.id;
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
