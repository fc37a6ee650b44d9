"use strict";
// The report. Its data is columns of endpoints and of components, in which repeated texts are numbers.
// All text goes into the page as text: nothing here makes HTML of a string.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { endpoints, parts, faults, change, files } = data;
  const COUNT = endpoints.path.length;
  const PARTS = parts.name.length;
  const STATUS = ["PASS", "WARN", "FAIL", "SKIPPED"];
  const STATUS_CLASS = ["pass", "warned", "fail", "skipped"];
  const STATUS_HELP = [
    "endpoints with a valid slice",
    "endpoints whose slice has faults of the document",
    "endpoints without a slice, because of a fault",
    "endpoints of which no slice was made yet, or not since a change",
  ];
  const WARN = 1;
  const FAIL = 2;
  const DEPRECATED = 1;
  const SECURED = 2;
  const METHODS = new Set(["get", "post", "put", "patch", "delete"]);
  const MOST_LISTED = 60;

  // --- pieces of the page ------------------------------------------------------------------------------------------

  const byId = (id) => document.getElementById(id);

  /** Makes an element: its classes, its content (texts, elements, lists of them), its attributes and properties. */
  function make(tag, classes, content, attributes) {
    const element = document.createElement(tag);
    if (classes) element.className = classes;
    for (const each of [content].flat(Infinity)) if (each !== null && each !== undefined) element.append(each);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null) element.setAttribute(name, value);
    }
    return element;
  }

  const button = (classes, content, onclick, attributes) => make("button", classes, content, { type: "button", onclick, ...attributes });
  const format = new Intl.NumberFormat("en-US");
  const number = (value) => format.format(value);
  const counted = (value, what) => `${number(value)} ${what}${value === 1 ? "" : "s"}`;

  function bytes(size) {
    if (size < 1000) return `${size} bytes`;
    return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
  }

  function methodClass(name) {
    const lower = name.toLowerCase();
    return METHODS.has(lower) ? lower : "other";
  }

  const method = (name) => make("span", `method ${methodClass(name)}`, name);
  const methodOf = (index) => endpoints.methodNames[endpoints.method[index]];
  const status = (code) => make("span", `status ${STATUS_CLASS[code]}`, STATUS[code]);
  const kindOf = (part) => parts.kindNames[parts.kind[part]];

  /** A place in the sources, as a link where the file can be reached from here. */
  function place(file, line) {
    if (file < 0) return null;
    const [shown, address] = files[file];
    const text = line ? `${shown}:${line}` : shown;
    return address ? make("a", "mono", text, { href: `./${address}${line ? `#L${line}` : ""}` }) : make("span", "mono", text);
  }

  const sliceAddress = (index) => `./${encodeURIComponent(endpoints.file[index])}`;

  /** The text with what is searched for marked; a path shows its parameters where nothing is searched for. */
  function marked(text, terms, isPath) {
    if (!terms.length) {
      return isPath ? text.split(/(\{[^{}]*\})/).map((piece, at) => (at % 2 ? make("i", "", piece) : piece)) : [text];
    }
    const lower = text.toLowerCase();
    if (lower.length !== text.length) return [text]; // positions in the two would differ
    const found = [];
    let from = 0;
    while (from < text.length) {
      let start = -1;
      let length = 0;
      for (const term of terms) {
        const at = lower.indexOf(term, from);
        if (at >= 0 && (start < 0 || at < start)) [start, length] = [at, term.length];
      }
      if (start < 0) break;
      found.push(text.slice(from, start), make("mark", "", text.slice(start, start + length)));
      from = start + length;
    }
    found.push(text.slice(from));
    return found;
  }

  /** A list that shows its first items, and all of them when it is asked to. */
  function list(classes, items, show, most = MOST_LISTED) {
    const shown = make("div", classes, items.slice(0, most).map(show));
    if (items.length <= most) return [shown];
    const rest = button("button plain more", `Show all ${number(items.length)}`, () => {
      const first = most;
      shown.append(...items.slice(most).map(show));
      rest.remove();
      shown.children[first].focus();
    });
    return [shown, rest];
  }

  const termsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  // --- who needs whom ----------------------------------------------------------------------------------------------

  const faultsOf = new Map();
  faults.forEach((fault, at) => {
    for (const index of fault.endpoints) {
      if (!faultsOf.has(index)) faultsOf.set(index, []);
      faultsOf.get(index).push(at);
    }
  });

  let users = null;

  /** For each component, the components and the endpoints that refer to it themselves. */
  function usersOf(part) {
    if (!users) {
      users = { parts: Array.from({ length: PARTS }, () => []), endpoints: Array.from({ length: PARTS }, () => []) };
      parts.needs.forEach((needs, user) => needs.forEach((need) => users.parts[need].push(user)));
      endpoints.needs.forEach((needs, user) => needs.forEach((need) => users.endpoints[need].push(user)));
    }
    return { parts: users.parts[part], endpoints: users.endpoints[part] };
  }

  /** Everything that can be reached from some components, these included. */
  function reach(starts, next) {
    const seen = new Set(starts);
    for (const part of seen) for (const other of next(part)) seen.add(other); // a Set yields what is added meanwhile
    return seen;
  }

  const reachedBy = (index) => [...reach(endpoints.needs[index], (part) => parts.needs[part])];

  /** The endpoints that a change of a component would touch. */
  function touchedBy(part) {
    const found = new Set();
    for (const user of reach([part], (each) => usersOf(each).parts)) {
      for (const index of usersOf(user).endpoints) found.add(index);
    }
    return [...found].sort((a, b) => a - b);
  }

  // --- tables ------------------------------------------------------------------------------------------------------

  /** A table that has only the rows in sight in the page. It is used with arrows, Page Up and Down, Home, End, Enter. */
  class Grid {
    /**
     * columns: { key, label, right, order(index): what to sort by, cell(index): { classes, content, title } }.
     * open(index, byKey): called for a row that is chosen.
     */
    constructor(root, { label, count, columns, rowClass, open, sorted, empty }) {
      Object.assign(this, { columns, count, rowClass, open, empty });
      this.view = [];
      this.height = 38;
      this.active = -1;
      this.sort = sorted;
      this.orders = new Map();
      this.first = this.last = -1;
      this.head = make("div", "head", columns.map((column) => this.headCell(column)), { role: "row", "aria-rowindex": 1 });
      this.rows = make("div", "rows", null, { role: "presentation" });
      this.scroll = make("div", "scroll", this.rows, { tabindex: 0, "aria-label": `${label}: arrows move, Enter opens` });
      root.setAttribute("role", "grid");
      root.setAttribute("aria-label", label);
      root.setAttribute("aria-colcount", columns.length);
      root.append(make("div", "", this.head, { role: "rowgroup" }), this.scroll);
      this.scroll.setAttribute("role", "rowgroup");
      this.root = root;
      this.top = this.inSight = 0; // of the scrolled rows, and of the window on them; asking for them makes a browser lay out
      this.scroll.addEventListener("scroll", () => { this.top = this.scroll.scrollTop; this.draw(); }, { passive: true });
      this.scroll.addEventListener("keydown", (event) => this.key(event));
      this.rows.addEventListener("click", (event) => this.click(event));
      new ResizeObserver(() => this.measure()).observe(this.scroll);
      this.showSort();
    }

    headCell(column) {
      const press = () => {
        const again = this.sort.key === column.key;
        const first = column.right ? -1 : 1;
        if (!again) this.sortBy(column.key, first);
        else if (this.sort.way === first) this.sortBy(column.key, -first);
        else this.sortBy("", 1);
      };
      column.head = make("div", `${column.classes || column.key} ${column.right ? "right" : ""}`, button("", column.label, press), { role: "columnheader" });
      return column.head;
    }

    sortBy(key, way) {
      this.sort = { key, way };
      this.showSort();
      this.setView(this.view);
      if (this.onsort) this.onsort();
    }

    showSort() {
      for (const { key, head } of this.columns) {
        head.setAttribute("aria-sort", key !== this.sort.key ? "none" : this.sort.way > 0 ? "ascending" : "descending");
      }
    }

    /** The place of each row in the present order; rows that are equal in it stay as the document has them. */
    rank() {
      const { key, way } = this.sort;
      const column = this.columns.find((each) => each.key === key);
      if (!column) return null;
      const name = `${key} ${way}`;
      if (!this.orders.has(name)) {
        const by = Array.from({ length: this.count }, (_, index) => column.order(index));
        const sorted = by.map((_, index) => index).sort((a, b) => (by[a] < by[b] ? -way : by[a] > by[b] ? way : a - b));
        const rank = new Uint32Array(this.count);
        sorted.forEach((index, at) => { rank[index] = at; });
        this.orders.set(name, rank);
      }
      return this.orders.get(name);
    }

    /** Shows some rows. */
    setView(view) {
      const rank = this.rank();
      this.view = rank ? [...view].sort((a, b) => rank[a] - rank[b]) : [...view].sort((a, b) => a - b);
      this.root.setAttribute("aria-rowcount", this.view.length + 1);
      if (this.top) this.scroll.scrollTop = this.top = 0;
      this.fit();
    }

    /** Gives the rows their room, and draws those in sight. */
    fit() {
      this.rows.style.height = `${this.view.length * this.height}px`;
      this.first = this.last = -1;
      this.draw();
    }

    /** Takes the size of the window, on which the height of rows depends. */
    measure() {
      const height = parseFloat(getComputedStyle(this.scroll).getPropertyValue("--row")) || 38;
      const isSame = height === this.height;
      this.height = height;
      this.inSight = this.scroll.clientHeight;
      this.top = this.scroll.scrollTop;
      if (isSame) this.draw();
      else this.fit();
    }

    /** Puts the rows in sight, and some around them, into the page. all: every one of them, for a printer. */
    draw(all = false) {
      if (this.printing) return;
      const around = 8;
      const top = Math.floor(this.top / this.height);
      const first = all ? 0 : Math.max(0, top - around);
      const last = all ? this.view.length : Math.min(this.view.length, top + Math.ceil(this.inSight / this.height) + around);
      if (first === this.first && last === this.last) return;
      [this.first, this.last] = [first, last];
      const rows = [];
      for (let at = first; at < last; at++) rows.push(this.row(at));
      this.rows.replaceChildren(...rows);
      if (!this.view.length) this.rows.replaceChildren(make("div", "empty", this.empty));
      this.showActive();
    }

    row(at) {
      const index = this.view[at];
      const cells = this.columns.map((column) => {
        const { classes, content, title } = column.cell(index);
        return make("div", `${classes || column.key} ${column.right ? "right" : ""}`, content, { role: "gridcell", title: title || null });
      });
      const row = make("div", `row ${this.rowClass ? this.rowClass(index) : ""}`, cells, { role: "row", "aria-rowindex": at + 2, id: `${this.root.id}-${index}` });
      row.dataset.at = at;
      row.style.transform = `translateY(${at * this.height}px)`;
      return row;
    }

    showActive() {
      let shown = null;
      for (const row of this.rows.children) {
        const is = row.dataset.at !== undefined && this.view[Number(row.dataset.at)] === this.active;
        row.classList.toggle("active", is);
        if (is) shown = row;
      }
      if (shown) this.scroll.setAttribute("aria-activedescendant", shown.id);
      else this.scroll.removeAttribute("aria-activedescendant");
    }

    /** Makes a row the active one, and brings it into sight. */
    activate(index) {
      this.active = index;
      const at = this.view.indexOf(index);
      if (at >= 0) {
        const top = at * this.height;
        if (top < this.top) this.top = top;
        else if (top + this.height > this.top + this.inSight) this.top = top + this.height - this.inSight;
        this.scroll.scrollTop = this.top;
        this.draw();
      }
      this.showActive();
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const page = Math.max(1, Math.floor(this.inSight / this.height) - 1);
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (event.key in moves && this.view.length) {
        const now = this.view.indexOf(this.active);
        const at = now < 0 && moves[event.key] > 0 && moves[event.key] < Infinity ? 0 : now + moves[event.key];
        this.activate(this.view[Math.min(this.view.length - 1, Math.max(0, at))]);
        if (!byId("details").hidden) this.open(this.active, false);
      } else if ((event.key === "Enter" || event.key === " ") && this.view.includes(this.active)) {
        this.open(this.active, true);
      } else return;
      event.preventDefault();
    }

    click(event) {
      const row = event.target.closest(".row");
      if (!row || event.target.closest("a")) return;
      this.activate(this.view[Number(row.dataset.at)]);
      this.open(this.active, false);
    }

    print(is) {
      if (is) {
        this.draw(true);
        this.printing = true;
      } else {
        this.printing = false;
        this.first = this.last = -1;
        this.draw();
      }
    }
  }

  // --- endpoints ---------------------------------------------------------------------------------------------------

  const filter = { text: "", tag: "", deprecated: "", security: "", changed: false, methods: new Set(), statuses: new Set() };
  let terms = [];
  const changeOf = new Map();
  if (change) for (const each of change.changes) if (each.endpoint >= 0) changeOf.set(each.endpoint, each);
  const haystacks = endpoints.path.map((path, index) =>
    `${methodOf(index)} ${path}\n${endpoints.summary[index]}\n${endpoints.id[index]}\n${endpoints.tags[index].map((tag) => endpoints.tagNames[tag]).join("\n")}`.toLowerCase());
  const lowered = (column) => (index) => column[index].toLowerCase();
  const tagsText = (index) => endpoints.tags[index].map((tag) => endpoints.tagNames[tag]).join(", ");

  const endpointColumns = [
    { key: "method", classes: "method-cell", label: "Method", order: methodOf, cell: (index) => ({ classes: "method-cell", content: method(methodOf(index)) }) },
    { key: "status", classes: "status-cell", label: "Status", order: (index) => endpoints.status[index], cell: (index) => ({ classes: "status-cell", content: status(endpoints.status[index]) }) },
    {
      key: "path", label: "Path", order: lowered(endpoints.path),
      cell: (index) => ({ content: [changeOf.has(index) ? make("span", "badge changed", changeOf.get(index).change) : null, changeOf.has(index) ? " " : null, marked(endpoints.path[index], terms, true)], title: endpoints.path[index] }),
    },
    { key: "summary", label: "Summary", order: lowered(endpoints.summary), cell: (index) => ({ content: marked(endpoints.summary[index], terms), title: endpoints.summary[index] }) },
    { key: "id", label: "operationId", order: lowered(endpoints.id), cell: (index) => ({ content: marked(endpoints.id[index], terms), title: endpoints.id[index] }) },
    { key: "tags", label: "Tags", order: (index) => tagsText(index).toLowerCase(), cell: (index) => ({ content: marked(tagsText(index), terms), title: tagsText(index) }) },
    { key: "size", label: "Size", right: true, order: (index) => endpoints.size[index], cell: (index) => ({ content: endpoints.file[index] ? bytes(endpoints.size[index]) : make("span", "none", "\u2013") }) },
    { key: "reached", label: "Components", right: true, order: (index) => endpoints.reached[index], cell: (index) => ({ content: number(endpoints.reached[index]) }) },
    {
      key: "faults", label: "Faults", right: true, order: (index) => (faultsOf.get(index) || []).length,
      cell: (index) => {
        const count = (faultsOf.get(index) || []).length;
        return { classes: endpoints.status[index] === WARN ? "faults warned" : "faults", content: count ? make("b", "", number(count)) : make("span", "none", "\u2013") };
      },
    },
  ];

  const endpointGrid = new Grid(byId("endpoints"), {
    label: "Endpoints", count: COUNT, columns: endpointColumns, sorted: { key: "", way: 1 },
    rowClass: (index) => (endpoints.flags[index] & DEPRECATED ? "gone" : ""),
    open: (index, byKey) => open({ endpoint: index }, byKey),
    empty: COUNT ? "No endpoint matches. Clear a filter, or search for less." : "The document has no endpoints.",
  });

  function isShown(index) {
    const flags = endpoints.flags[index];
    return (
      (!filter.methods.size || filter.methods.has(endpoints.method[index])) &&
      (!filter.statuses.size || filter.statuses.has(endpoints.status[index])) &&
      (filter.tag === "" || endpoints.tags[index].includes(Number(filter.tag))) &&
      (filter.deprecated === "" || Number(filter.deprecated) === Number(Boolean(flags & DEPRECATED))) &&
      (filter.security === "" || Number(filter.security) === Number(Boolean(flags & SECURED))) &&
      (!filter.changed || changeOf.has(index)) &&
      terms.every((term) => haystacks[index].includes(term))
    );
  }

  const isFiltered = () => Boolean(filter.text || filter.tag || filter.deprecated || filter.security || filter.changed || filter.methods.size || filter.statuses.size);

  function showEndpoints() {
    terms = termsOf(filter.text);
    const view = [];
    for (let index = 0; index < COUNT; index++) if (isShown(index)) view.push(index);
    endpointGrid.setView(view);
    byId("count").textContent = view.length === COUNT ? counted(COUNT, "endpoint") : `${number(view.length)} of ${counted(COUNT, "endpoint")}`;
    byId("clear").hidden = !isFiltered();
    remember();
  }

  /** Shows in the controls what the filters are. */
  function showFilters() {
    byId("search").value = filter.text;
    for (const name of ["tag", "deprecated", "security"]) byId(name).value = filter[name];
    for (const chip of byId("methods").children) chip.setAttribute("aria-pressed", filter.methods.has(Number(chip.dataset.number)));
    for (const total of byId("totals").children) total.setAttribute("aria-pressed", filter.statuses.has(Number(total.dataset.number)));
    byId("changed").setAttribute("aria-pressed", filter.changed);
    const { key, way } = endpointGrid.sort;
    byId("sort").value = key ? `${key} ${way}` : "";
    showEndpoints();
  }

  function clearFilters() {
    Object.assign(filter, { text: "", tag: "", deprecated: "", security: "", changed: false });
    filter.methods.clear();
    filter.statuses.clear();
    showFilters();
  }

  function toggle(set, value) {
    if (!set.delete(value)) set.add(value);
    showFilters();
  }

  function tally(values, size) {
    const counts = new Array(size).fill(0);
    for (const value of values) counts[value]++;
    return counts;
  }

  function prepareFilters() {
    const perMethod = tally(endpoints.method, endpoints.methodNames.length);
    byId("methods").append(...endpoints.methodNames.map((name, at) =>
      button(`chip ${methodClass(name)}`, name, () => toggle(filter.methods, at), { title: counted(perMethod[at], "endpoint"), "data-number": at, "aria-pressed": "false" })));
    const perTag = tally(endpoints.tags.flat(), endpoints.tagNames.length);
    const tags = endpoints.tagNames.map((name, at) => at).sort((a, b) => (endpoints.tagNames[a].toLowerCase() < endpoints.tagNames[b].toLowerCase() ? -1 : 1));
    byId("tag").append(make("option", "", `All tags (${tags.length})`, { value: "" }), ...tags.map((at) => make("option", "", `${endpoints.tagNames[at]} (${number(perTag[at])})`, { value: at })));
    byId("tag").hidden = !tags.length;
    const perStatus = tally(endpoints.status, STATUS.length);
    byId("totals").append(...STATUS.map((name, code) => [name, code]).filter(([, code]) => perStatus[code] || code === 0).map(([name, code]) =>
      button(`total ${STATUS_CLASS[code]}`, [make("b", "", number(perStatus[code])), make("span", "", name)], () => { toggle(filter.statuses, code); show("endpoints"); }, { title: `Show only ${STATUS_HELP[code]}`, "data-number": code, "aria-pressed": "false" })));
    if (changeOf.size) {
      byId("changed").hidden = false;
      byId("changed").textContent = `Changed (${number(changeOf.size)})`;
      byId("changed").addEventListener("click", () => { filter.changed = !filter.changed; showFilters(); });
    }
    byId("sort").append(make("option", "", "In document order", { value: "" }), ...endpointColumns.map(({ key, label, right }) =>
      make("option", "", right ? `${label}, largest first` : `By ${label}`, { value: `${key} ${right ? -1 : 1}` })));
    byId("search").addEventListener("input", () => { filter.text = byId("search").value; showEndpoints(); });
    for (const name of ["tag", "deprecated", "security"]) byId(name).addEventListener("change", () => { filter[name] = byId(name).value; showEndpoints(); });
    byId("sort").addEventListener("change", () => { const [key, way] = byId("sort").value.split(" "); endpointGrid.sortBy(key, Number(way) || 1); });
    endpointGrid.onsort = showFilters;
    byId("clear").addEventListener("click", () => { clearFilters(); byId("search").focus(); });
  }

  // --- components --------------------------------------------------------------------------------------------------

  const kinds = new Set();
  let partTerms = [];
  const partNames = parts.name.map((name, part) => `${kindOf(part)}/${name}`.toLowerCase());

  const componentGrid = new Grid(byId("components"), {
    label: "Components", count: PARTS, sorted: { key: "share", way: -1 },
    columns: [
      { key: "name", label: "Component", order: (part) => parts.name[part].toLowerCase(), cell: (part) => ({ content: marked(parts.name[part], partTerms), title: parts.name[part] }) },
      { key: "kind", label: "Kind", order: kindOf, cell: (part) => ({ content: kindOf(part) }) },
      {
        key: "share", label: "Endpoints that reach it", right: false, order: (part) => parts.endpoints[part],
        cell: (part) => {
          const fill = make("span");
          fill.style.width = `${(100 * parts.endpoints[part]) / Math.max(1, COUNT)}%`;
          return { content: [make("div", "bar", fill), make("span", "right", number(parts.endpoints[part]))] };
        },
      },
      { key: "needs", label: "Refers to", right: true, order: (part) => parts.needs[part].length, cell: (part) => ({ content: number(parts.needs[part].length) }) },
      { key: "source", label: "Place", order: (part) => parts.at[part] * 1e9 + parts.line[part], cell: (part) => ({ content: place(parts.at[part], parts.line[part]) }) },
    ],
    open: (part, byKey) => open({ part }, byKey),
    empty: PARTS ? "No component matches." : "The document's endpoints share no components.",
  });

  function showComponents() {
    partTerms = termsOf(byId("search-components").value);
    const view = [];
    for (let part = 0; part < PARTS; part++) {
      if ((!kinds.size || kinds.has(parts.kind[part])) && partTerms.every((term) => partNames[part].includes(term))) view.push(part);
    }
    componentGrid.setView(view);
    byId("count-components").textContent = view.length === PARTS ? counted(PARTS, "component") : `${number(view.length)} of ${counted(PARTS, "component")}`;
  }

  function prepareComponents() {
    byId("kinds").append(...parts.kindNames.map((name, at) => button("chip", name, (event) => {
      if (!kinds.delete(at)) kinds.add(at);
      event.currentTarget.setAttribute("aria-pressed", kinds.has(at));
      showComponents();
    }, { "aria-pressed": "false" })));
    byId("search-components").addEventListener("input", showComponents);
    showComponents();
  }

  // --- details -----------------------------------------------------------------------------------------------------

  const details = byId("details");
  let opened = [];

  const endpointLine = (index) => button("line", [method(methodOf(index)), make("span", "", endpoints.path[index])], () => open({ endpoint: index }, true, true));
  const partLink = (part, isDirect) => button(`link ${isDirect ? "direct" : ""}`, parts.name[part], () => open({ part }, true, true), { title: `${kindOf(part)}: ${counted(parts.endpoints[part], "endpoint")}` });

  function fact(name, content) {
    return [make("dt", "", name), make("dd", "", content)];
  }

  /** Components as links, kind by kind. */
  function byKind(found, direct) {
    const groups = new Map();
    for (const part of found) {
      if (!groups.has(kindOf(part))) groups.set(kindOf(part), []);
      groups.get(kindOf(part)).push(part);
    }
    return [...groups].flatMap(([kind, members]) => {
      members.sort((a, b) => direct.has(b) - direct.has(a) || (partNames[a] < partNames[b] ? -1 : 1));
      return [make("h4", "", `${kind} (${number(members.length)})`), ...list("links", members, (part) => partLink(part, direct.has(part)))];
    });
  }

  function faultBox(fault) {
    const where = [fault.place, fault.pointer].filter(Boolean).join("  ");
    const at = fault.file >= 0 ? make("a", "", where, { href: `./${files[fault.file][1]}` }) : where;
    return make("div", `fault ${STATUS_CLASS[fault.status]}`, [make("p", "", fault.message), where ? make("p", "where", at) : null]);
  }

  const block = (title, content) => make("div", "block", [title ? make("h3", "", title) : null, content]);

  function endpointDetails(index) {
    const flags = endpoints.flags[index];
    const reached = reachedBy(index);
    const own = (faultsOf.get(index) || []).map((at) => faults[at]);
    const warnings = endpoints.warnings[index] || [];
    const changed = changeOf.get(index);
    const tags = endpoints.tags[index].map((tag) => button("link", endpoints.tagNames[tag], () => { clearFilters(); filter.tag = String(tag); showFilters(); show("endpoints"); }, { title: "Show the endpoints with this tag" }));
    const head = [method(methodOf(index)), endpoints.path[index]];
    const facts = make("dl", "facts", [
      fact("Status", [status(endpoints.status[index]), endpoints.status[index] === 3 ? " no slice was made yet, or not since a change" : null]),
      endpoints.file[index] ? fact("Slice", [make("a", "mono", endpoints.file[index], { href: sliceAddress(index) }), ` (${bytes(endpoints.size[index])})`]) : null,
      fact("Source", place(endpoints.at[index], endpoints.line[index])),
      endpoints.id[index] ? fact("operationId", make("code", "", endpoints.id[index])) : null,
      tags.length ? fact("Tags", make("div", "links", tags)) : null,
      fact("Parameters", number(endpoints.parameters[index])),
      fact("Responses", endpoints.codes[index].map((code) => endpoints.codeNames[code]).join(", ") || "none"),
      fact("Security", flags & SECURED ? "required" : "not required"),
      flags & DEPRECATED ? fact("Deprecated", "yes") : null,
    ].flat());
    return [head, [
      block("", [endpoints.summary[index] ? make("p", "lead", endpoints.summary[index]) : null, facts]),
      own.length ? block(counted(own.length, "fault"), own.map(faultBox)) : null,
      warnings.length ? block(counted(warnings.length, "warning"), warnings.map((text) => make("div", "fault warned", make("p", "", text)))) : null,
      changed ? block(`Since ${change.since}`, [make("span", `badge ${changed.change}`, extentOf(changed)), causes(changed)]) : null,
      reached.length ? block(counted(reached.length, "component"), [make("p", "muted", "A change of any of them changes this slice. It refers to those in bold itself."), byKind(reached, new Set(endpoints.needs[index]))]) : block("", make("p", "muted", "It needs no component.")),
    ]];
  }

  function partDetails(part) {
    const touched = touchedBy(part);
    const { parts: parents } = usersOf(part);
    const head = [make("span", "badge", kindOf(part)), parts.name[part]];
    return [head, [
      block("", make("dl", "facts", [fact("Source", place(parts.at[part], parts.line[part])), fact("Used by", counted(parents.length, "component")), fact("Refers to", counted(parts.needs[part].length, "component"))].flat())),
      block(`A change touches ${number(touched.length)} of ${counted(COUNT, "endpoint")}`, list("lines", touched, endpointLine)),
      parents.length ? block("Components that refer to it", byKind(parents, new Set())) : null,
      parts.needs[part].length ? block("Components that it refers to", byKind(parts.needs[part], new Set())) : null,
    ]];
  }

  /** Opens details: in place of what is open, or `deeper`, so that there is a way back. */
  function open(what, focus, deeper) {
    opened = deeper ? [...opened, what] : [what];
    showDetails(focus);
    remember();
  }

  function showDetails(focus) {
    const what = opened.at(-1);
    details.hidden = !what;
    if (!what) return;
    const [head, blocks] = what.endpoint !== undefined ? endpointDetails(what.endpoint) : partDetails(what.part);
    const title = make("h2", "", head, { tabindex: -1 });
    const back = opened.length > 1 ? button("button", "\u2190 Back", () => { opened.pop(); showDetails(true); remember(); }) : null;
    details.replaceChildren(make("div", "details-head", [back, title, button("button", "\u2715", close, { "aria-label": "Close", title: "Close (Escape)" })]), ...blocks.filter(Boolean));
    details.scrollTop = 0;
    if (focus) title.focus();
  }

  function close() {
    opened = [];
    details.hidden = true;
    const grid = current === "components" ? componentGrid : endpointGrid;
    if (!byId(`panel-${current}`).contains(document.activeElement)) (current in { endpoints: 1, components: 1 } ? grid.scroll : byId(`panel-${current}`)).focus();
    remember();
  }

  // --- faults and the last change ----------------------------------------------------------------------------------

  function showFaults() {
    const count = (code) => new Set(faults.filter((fault) => fault.status === code).flatMap((fault) => fault.endpoints)).size;
    const sentences = [];
    if (count(FAIL)) sentences.push(`${counted(count(FAIL), "endpoint")} without a slice (FAIL).`);
    if (count(WARN)) sentences.push(`${counted(count(WARN), "slice")} with faults of the document (WARN).`);
    const card = (fault) => make("article", "card", [
      make("div", "marks", [make("span", `badge ${STATUS_CLASS[fault.status]}`, STATUS[fault.status]), make("span", "muted", counted(fault.endpoints.length, "endpoint"))]),
      make("p", "title", fault.message),
      fault.place || fault.pointer ? make("p", "where", [fault.file >= 0 ? make("a", "", fault.place, { href: `./${files[fault.file][1]}` }) : fault.place, fault.pointer ? `  ${fault.pointer}` : null]) : null,
      list("lines", fault.endpoints, endpointLine, 4),
    ]);
    byId("panel-faults").append(
      make("h2", "", faults.length ? counted(faults.length, "fault") : "No faults"),
      make("p", "muted", faults.length ? `Each is listed once, those that touch the most endpoints first. ${sentences.join(" ")}` : "Every slice that was made is valid."),
      ...list("", faults, card, 50),
    );
  }

  const extentOf = (each) => (each.change === "changed" && each.extent === "text" ? "changed, only in text" : each.change);
  const causes = (each) => (each.causes.length ? make("ul", "causes", each.causes.map((cause) => make("li", "", cause))) : null);

  function showChange() {
    if (!change) return;
    const tallies = ["added", "removed", "changed"].map((kind) => [kind, change.changes.filter((each) => each.change === kind).length]);
    const line = (each) => make("article", "card", [
      make("div", "marks", [
        make("span", `badge ${each.change}`, extentOf(each)),
        each.endpoint >= 0 ? endpointLine(each.endpoint) : make("div", "line", [method(each.method), make("span", "", each.path)]),
      ]),
      causes(each),
    ]);
    byId("panel-change").append(
      make("h2", "", `Since ${change.since}`),
      make("p", "muted", change.changes.length ? `${tallies.map(([kind, count]) => `${number(count)} ${kind}`).join(", ")}, ${number(change.unchanged)} unchanged` : "No endpoint changed."),
      ...change.notes.map((note) => make("p", "muted", note)),
      ...list("", change.changes, line, 100),
    );
  }

  // --- tabs, keys, address -----------------------------------------------------------------------------------------

  let current = "endpoints";
  const views = [["endpoints", "Endpoints", COUNT, ""], ["components", "Components", PARTS, ""]];
  views.push(["faults", "Faults", faults.length, faults.length ? (faults.some((fault) => fault.status === FAIL) ? "bad" : "warn") : ""]);
  if (change) views.push(["change", "Last change", change.changes.length, ""]);

  /** Shows a view; its details are closed where another one was shown. */
  function show(name, focus) {
    if (name !== current && opened.length && !details.hidden) { opened = []; details.hidden = true; }
    current = name;
    for (const [each] of views) {
      const tab = byId(`tab-${each}`);
      tab.setAttribute("aria-selected", each === name);
      tab.tabIndex = each === name ? 0 : -1;
      byId(`panel-${each}`).hidden = each !== name;
      if (each === name && focus) tab.focus();
      if (each === name) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    remember();
  }

  function prepareTabs() {
    byId("tabs").append(...views.map(([name, label, count, tone]) =>
      button("tab", [label, make("span", `number ${tone}`, number(count))], () => show(name), { id: `tab-${name}`, role: "tab", "aria-controls": `panel-${name}` })));
    byId("tabs").addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const at = views.findIndex(([name]) => name === current);
      show(views[(at + step + views.length) % views.length][0], true);
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest("input, select, textarea");
    if (event.key === "/" && !isTyping) {
      if (current !== "components") show("endpoints");
      const search = byId(current === "components" ? "search-components" : "search");
      search.focus();
      search.select();
      event.preventDefault();
    } else if (event.key === "Escape") {
      if (isTyping && isTyping.type === "search" && isTyping.value) {
        isTyping.value = "";
        isTyping.dispatchEvent(new Event("input"));
        event.preventDefault();
      } else if (!details.hidden) close();
      else if (isTyping) isTyping.blur();
    } else if (event.key === "ArrowDown" && isTyping && isTyping.type === "search") {
      const grid = current === "components" ? componentGrid : endpointGrid;
      grid.scroll.focus();
      grid.key(event);
    }
  });
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeprint", () => { endpointGrid.print(true); componentGrid.print(true); });
  addEventListener("afterprint", () => { endpointGrid.print(false); componentGrid.print(false); });

  let isRemembering = false;
  let soon = 0;

  /** Keeps in the address what is shown, so that it can be sent to somebody: a moment later, since typing is faster. */
  function remember() {
    clearTimeout(soon);
    if (isRemembering) soon = setTimeout(keep, 250);
  }

  function keep() {
    const kept = new URLSearchParams();
    if (current !== "endpoints") kept.set("view", current);
    if (filter.text) kept.set("q", filter.text);
    if (filter.tag !== "") kept.set("tag", endpoints.tagNames[filter.tag]);
    if (filter.methods.size) kept.set("method", [...filter.methods].map((at) => endpoints.methodNames[at]).join(","));
    if (filter.statuses.size) kept.set("status", [...filter.statuses].map((at) => STATUS[at]).join(","));
    for (const name of ["deprecated", "security"]) if (filter[name]) kept.set(name, filter[name]);
    if (filter.changed) kept.set("changed", "1");
    if (endpointGrid.sort.key) kept.set("sort", `${endpointGrid.sort.key} ${endpointGrid.sort.way}`);
    const what = opened.at(-1);
    if (what && what.endpoint !== undefined) kept.set("endpoint", `${methodOf(what.endpoint)} ${endpoints.path[what.endpoint]}`);
    if (what && what.part !== undefined) kept.set("component", `${kindOf(what.part)}/${parts.name[what.part]}`);
    const text = kept.toString();
    try {
      history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    } catch {
      // a browser may refuse it for files, or where it happens too often
    }
  }

  /** Shows what an address says. */
  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    filter.text = kept.get("q") || "";
    const tag = endpoints.tagNames.indexOf(kept.get("tag"));
    filter.tag = tag >= 0 ? String(tag) : "";
    for (const name of ["deprecated", "security"]) filter[name] = ["0", "1"].includes(kept.get(name)) ? kept.get(name) : "";
    filter.changed = kept.get("changed") === "1" && changeOf.size > 0;
    const numbers = (name, names) => new Set((kept.get(name) || "").split(",").map((each) => names.indexOf(each)).filter((at) => at >= 0));
    filter.methods = numbers("method", endpoints.methodNames);
    filter.statuses = numbers("status", STATUS);
    const [key, way] = (kept.get("sort") || "").split(" ");
    if (endpointColumns.some((column) => column.key === key)) endpointGrid.sort = { key, way: Number(way) < 0 ? -1 : 1 };
    endpointGrid.showSort();
    showFilters();
    const view = kept.get("view");
    show(views.some(([name]) => name === view) ? view : "endpoints");
    const named = kept.get("endpoint");
    const index = named === null ? -1 : endpoints.path.findIndex((path, at) => `${methodOf(at)} ${path}` === named);
    const component = kept.get("component");
    const part = component === null ? -1 : parts.name.findIndex((name, at) => `${kindOf(at)}/${name}` === component);
    if (index >= 0) { endpointGrid.activate(index); open({ endpoint: index }, false); }
    else if (part >= 0) { componentGrid.activate(part); open({ part }, false); }
  }

  byId("title").textContent = data.title || files[data.document][0];
  byId("title").title = byId("title").textContent;
  byId("about").append(place(data.document, 0) || "", ` \u00b7 OpenAPI ${data.version} \u00b7 ${bytes(endpoints.size.reduce((sum, size) => sum + size, 0))} of slices`);
  prepareTabs();
  prepareFilters();
  prepareComponents();
  showFaults();
  showChange();
  recall();
  isRemembering = true;
  document.documentElement.dataset.ready = "true";
})();
