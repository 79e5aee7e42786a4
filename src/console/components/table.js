// A table of any length: only the visible rows are in the page. All rows have the same height; the keyboard moves the active row.
import { debounce, h, replace, newId } from "../dom.js";

const ROW_PX = 34;
const MOVE_MS = 80; // of a key that repeats only the last row opens
const SPARE = 6; // rows drawn above and below the visible ones, so that scrolling shows no gaps

// new Table({label, columns: [{title, cell(row) -> node or text, class}], onOpen(row), onMove(row), empty: node}); then set table.rows = [...] any
// number of times. A row has an `id`, which identifies it when the rows change. The element is table.element; CSS sets the columns by
// the class of their cells.
export class Table {
  #rows = [];
  #active = -1;
  #activeId = null; // may temporarily be missing in the rows
  #drawn = new Map(); // id -> the element of a visible row

  constructor({ label, columns, onOpen, onMove, empty, rowClass }) {
    Object.assign(this, { columns, onOpen, onMove: debounce((row) => onMove?.(row), MOVE_MS), empty, rowClass, idStem: newId() });
    this.head = h("div", { class: "vt-row vt-head", role: "row" }, columns.map((column) =>
      h("div", { role: "columnheader", class: `vt-cell ${column.class ?? ""}` }, column.title)));
    this.space = h("div", { class: "vt-space", role: "rowgroup" });
    this.element = h("div", { class: "vt", role: "grid", tabindex: "0", "aria-label": label,
      onkeydown: (event) => this.#key(event), onscroll: () => this.#draw() },
      h("div", { role: "rowgroup", class: "vt-heads" }, this.head), this.space);
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  get rows() {
    return this.#rows;
  }

  // A table that is scrolled to its end stays at its end. Otherwise the visible rows stay in place when rows above them change.
  set rows(rows) {
    const { element } = this;
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW_PX;
    const top = Math.floor(element.scrollTop / ROW_PX);
    const place = rows.findIndex((row) => row.id === this.#rows[top]?.id);
    this.#rows = rows;
    this.space.style.height = rows.length ? `${rows.length * ROW_PX}px` : "auto";
    element.setAttribute("aria-rowcount", rows.length + 1);
    if (this.follow && atEnd) element.scrollTop = rows.length * ROW_PX;
    else if (top && place >= 0) element.scrollTop += (place - top) * ROW_PX;
    this.choose(this.#activeId);
  }

  // Makes the row with that id the active row, without scrolling the table.
  choose(id) {
    this.#activeId = id;
    this.#active = this.#rows.findIndex((row) => row.id === id);
    if (this.#active < 0) this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", `${this.idStem}-${this.#active}`);
    this.#draw();
  }

  // Rows that are drawn already stay in the page: a row that is removed and added again would lose a click that has begun.
  #draw() {
    if (!this.#rows.length) {
      this.#drawn.clear();
      replace(this.space, this.empty ? h("div", { role: "row" }, h("div", { role: "gridcell" }, this.empty)) : null);
      return;
    }
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW_PX) - SPARE);
    const last = Math.min(this.#rows.length, first + Math.ceil((this.element.clientHeight || 400) / ROW_PX) + 2 * SPARE);
    const before = this.#drawn;
    const shown = this.#rows.slice(first, last);
    this.#drawn = new Map(shown.map((row, i) => [row.id, this.#place(before.get(row.id) ?? this.#row(row), first + i)]));
    const elements = [...this.#drawn.values()];
    for (const old of [...this.space.children]) if (!elements.includes(old)) old.remove();
    elements.forEach((element, i) => { if (this.space.children[i] !== element) this.space.insertBefore(element, this.space.children[i] ?? null); });
  }

  #row(row) {
    const cells = this.columns.map((column) => h("div", { role: "gridcell", class: `vt-cell ${column.class ?? ""}` }, column.cell(row)));
    return h("div", { role: "row", class: `vt-row ${this.rowClass?.(row) ?? ""}`,
      onclick: () => { this.#activate(this.#rows.findIndex((each) => each.id === row.id)); this.onOpen?.(row); } }, cells);
  }

  #place(element, i) {
    element.id = `${this.idStem}-${i}`;
    element.setAttribute("aria-rowindex", i + 2);
    element.setAttribute("aria-selected", String(i === this.#active));
    element.style.top = `${i * ROW_PX}px`;
    return element;
  }

  #activate(i) {
    const top = i * ROW_PX;
    const room = this.element.clientHeight - 2 * ROW_PX;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top > this.element.scrollTop + room) this.element.scrollTop = top - room;
    this.choose(this.#rows[i].id);
  }

  #key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_PX) - 2);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.target !== this.element || !this.#rows.length) return;
    if (event.key in moves) {
      event.preventDefault();
      this.#activate(Math.min(this.#rows.length - 1, Math.max(0, this.#active + moves[event.key])));
      this.onMove(this.#rows[this.#active]);
    } else if (event.key === "Enter" && this.#active >= 0) {
      this.onOpen?.(this.#rows[this.#active]);
    }
  }
}
