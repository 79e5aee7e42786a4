// A table of any length: only the rows in sight are in the page. Rows have one height; the keyboard moves an active row.
import { h, replace, newId } from "../dom.js";

const ROW_PX = 34;
const SPARE = 6; // rows kept above and below what is seen, so that scrolling shows no gaps

// new Table({label, columns: [{title, cell(row) -> node or text, class}], onOpen(row), empty: node}); then table.rows = [...] any
// number of times. The element is table.element; css makes the columns by the class of their cells.
export class Table {
  #rows = [];
  #active = -1;

  constructor({ label, columns, onOpen, empty, rowClass }) {
    Object.assign(this, { columns, onOpen, empty, rowClass, idStem: newId() });
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

  // A table that is read at its end stays at its end.
  set rows(rows) {
    const atEnd = this.element.scrollTop + this.element.clientHeight >= this.element.scrollHeight - ROW_PX;
    const follow = this.follow && atEnd;
    this.#rows = rows;
    if (this.#active >= rows.length) this.#active = rows.length - 1;
    this.space.style.height = rows.length ? `${rows.length * ROW_PX}px` : "auto";
    this.element.setAttribute("aria-rowcount", rows.length + 1);
    if (follow) this.element.scrollTop = rows.length * ROW_PX;
    this.#draw();
  }

  #draw() {
    if (!this.#rows.length) {
      replace(this.space, this.empty ? h("div", { role: "row" }, h("div", { role: "gridcell" }, this.empty)) : null);
      return;
    }
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW_PX) - SPARE);
    const last = Math.min(this.#rows.length, first + Math.ceil((this.element.clientHeight || 400) / ROW_PX) + 2 * SPARE);
    replace(this.space, this.#rows.slice(first, last).map((row, i) => this.#row(row, first + i)));
  }

  #row(row, i) {
    const cells = this.columns.map((column) => h("div", { role: "gridcell", class: `vt-cell ${column.class ?? ""}` }, column.cell(row)));
    return h("div", { role: "row", id: `${this.idStem}-${i}`, "aria-rowindex": i + 2, "aria-selected": String(i === this.#active),
      class: `vt-row ${this.rowClass?.(row) ?? ""}`, style: { top: `${i * ROW_PX}px` },
      onclick: () => { this.#activate(i); this.onOpen?.(row); } }, cells);
  }

  #activate(i) {
    this.#active = i;
    const top = i * ROW_PX;
    const room = this.element.clientHeight - 2 * ROW_PX;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top > this.element.scrollTop + room) this.element.scrollTop = top - room;
    this.#draw();
    this.element.setAttribute("aria-activedescendant", `${this.idStem}-${i}`);
  }

  #key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_PX) - 2);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.target !== this.element || !this.#rows.length) return;
    if (event.key in moves) {
      event.preventDefault();
      this.#activate(Math.min(this.#rows.length - 1, Math.max(0, this.#active + moves[event.key])));
    } else if (event.key === "Enter" && this.#active >= 0) {
      this.onOpen?.(this.#rows[this.#active]);
    }
  }
}
