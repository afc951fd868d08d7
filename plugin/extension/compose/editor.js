// Runs in the message editor: reads the person's own words and changes them. A classic script: Thunderbird loads no
// modules here. Changes go through the editor's own commands, so that one undo takes each of them back; nothing of
// ours stays in the message. What the panel keeps for this window lives here, and ends with the window.
(() => {
  if (/** @type {any} */ (window).ownhand) return;
  /** @type {any} */ (window).ownhand = true;

  /** @type {Record<string, unknown>} */ let memory = {};

  const QUOTES = ".moz-cite-prefix, .moz-email-headers-table, blockquote[type=cite], .moz-forward-container, "
    + "[_moz_quote=true], pre.moz-quote-pre";
  const SIGNATURE = ".moz-signature, pre.moz-signature";
  const FORWARDED = /^\s*-{8} .+ -{8}\s*$/;

  /** @param {Node} node */
  const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;
  /** @param {Node} node */
  const isQuote = (node) => isElement(node) && (/** @type {Element} */ (node).matches(QUOTES)
    || (/** @type {HTMLElement} */ (node).tagName === "SPAN"
      && /pre-wrap/.test(/** @type {HTMLElement} */ (node).style.whiteSpace) && /^\s*>/.test(node.textContent ?? "")));
  /** @param {Node} node */
  const isSignature = (node) => isElement(node) && /** @type {Element} */ (node).matches(SIGNATURE);

  /** Runs of nodes that are the person's, with where each stands among the body's. */
  function ownRuns() {
    /** @type {{start: number, nodes: Node[]}[]} */ const runs = [];
    let open = false;
    let over = false;
    [...document.body.childNodes].forEach((node, index) => {
      over ||= node.nodeType === Node.TEXT_NODE && FORWARDED.test(node.nodeValue ?? "");
      if (over || isQuote(node) || isSignature(node)) open = false;
      else if (open) runs.at(-1)?.nodes.push(node);
      else open = Boolean(runs.push({ start: index, nodes: [node] }));
    });
    return runs;
  }

  /**
   * The run to write in: the one with words, else the one with the caret, else the first. A line break alone before
   * a signature or a quote is layout and no place to write, if there is another.
   */
  function ownRun() {
    const runs = ownRuns();
    const worded = runs.filter((run) => textOf(run.nodes).text.trim());
    const anchor = getSelection()?.anchorNode;
    const index = anchor === document.body ? getSelection()?.anchorOffset ?? 0 : -1;
    const holds = (/** @type {{start: number, nodes: Node[]}} */ { start, nodes }) =>
      nodes.some((node) => anchor && node.contains(anchor)) || (index >= start && index <= start + nodes.length);
    return worded.find(holds) ?? worded[0] ?? runs.find(holds) ?? runs[0] ?? { start: 0, nodes: [] };
  }

  const BLOCKS = /^(P|DIV|UL|OL|LI|TABLE|TR|H[1-6]|PRE|BLOCKQUOTE|HR)$/;

  /**
   * The text of nodes, and where in it each text node stands.
   * @param {Node[]} nodes
   */
  function textOf(nodes) {
    let text = "";
    /** @type {{node: Text, start: number, end: number}[]} */ const places = [];
    const lineEnd = (/** @type {number} */ n) => {
      if (!text) return;
      const there = /\n*$/.exec(text)?.[0].length ?? 0;
      text += "\n".repeat(Math.max(0, n - there));
    };
    const isPre = (/** @type {Node} */ node) => {
      const holder = node.parentElement;
      return Boolean(holder?.isConnected && /^(pre|break-spaces)/.test(getComputedStyle(holder).whiteSpace));
    };
    const walk = (/** @type {Node} */ node) => {
      if (node.nodeType === Node.TEXT_NODE) {
        const kept = node.nodeValue ?? "";
        const value = isPre(node) ? kept : kept.replace(/[\t\n\r]/g, " ");
        if (!value.trim() && (!text || text.endsWith("\n")) && !isPre(node)) return;
        places.push({ node: /** @type {Text} */ (node), start: text.length, end: text.length + value.length });
        text += value;
      } else if (isElement(node)) {
        const tag = /** @type {Element} */ (node).tagName;
        if (tag === "BR") text += "\n";
        const block = BLOCKS.test(tag) ? (tag === "P" || /^H\d$/.test(tag) ? 2 : 1) : 0;
        if (block) lineEnd(block);
        if (tag === "LI") text += "- ";
        // The break that ends a block is no empty line.
        const inside = [...node.childNodes];
        if (block && inside.length > 1 && inside.at(-1)?.nodeName === "BR") inside.pop();
        if (block && inside.length === 1 && inside[0]?.nodeName === "BR") inside.pop();
        inside.forEach(walk);
        if (block) lineEnd(block);
      }
    };
    nodes.forEach(walk);
    return { text: text.replaceAll("\u00a0", " "), places };
  }

  const isPlain = () => /-moz-fixed|monospace/.test(document.body.style.fontFamily)
    && /pre-wrap|break-spaces/.test(document.body.style.whiteSpace);

  /** All that the person wrote, in every run. */
  const ownWords = () => ownRuns().map((run) => textOf(run.nodes).text.trim()).filter(Boolean).join("\n\n");

  /** @param {string} text @param {boolean} paragraphs */
  function markup(text, paragraphs) {
    const holder = document.implementation.createHTMLDocument().body;
    const lines = (/** @type {Element} */ into, /** @type {string} */ part) =>
      part.split("\n").forEach((line, index) => {
        if (index) into.append(into.ownerDocument.createElement("br"));
        into.append(line);
      });
    if (!paragraphs) lines(holder, text);
    else {
      for (const part of text.split(/\n{2,}/)) {
        const p = holder.ownerDocument.createElement("p");
        lines(p, part);
        holder.append(p);
      }
    }
    return holder.innerHTML;
  }

  /**
   * Puts edits into a copy of the person's words, formatting kept.
   * @param {Node[]} nodes
   * @param {{start: number, end: number, text: string}[]} edits
   */
  function edited(nodes, edits) {
    const holder = document.createElement("div");
    const copies = nodes.map((node) => node.cloneNode(true));
    holder.append(...copies);
    const { places } = textOf(copies);
    for (const { start, end, text } of [...edits].reverse()) {
      const touched = places.filter((place) => place.start < end && place.end > start);
      const first = touched[0] ?? places.findLast((place) => place.end <= start) ?? places[0];
      if (!first) return null;
      for (const place of touched) {
        const value = place.node.nodeValue ?? "";
        const [from, to] = [Math.max(start - place.start, 0), Math.min(end - place.start, value.length)];
        place.node.nodeValue = value.slice(0, from) + value.slice(to);
      }
      put(first.node, Math.min(Math.max(start - first.start, 0), first.node.length), text.replace(/\s*$/, (end) =>
        (touched.length ? end.replace(/\n/g, "") : end)));
    }
    return holder;
  }

  /** @param {Text} node @param {number} at @param {string} text */
  function put(node, at, text) {
    const rest = node.splitText(at);
    text.split("\n").forEach((line, index) => {
      if (index) rest.before(document.createElement("br"));
      if (line) rest.before(line);
    });
  }

  /**
   * Replaces the person's words, as one step of undo.
   * @param {{start: number, end: number, text: string}[]} edits
   */
  function write(edits) {
    const run = ownRun();
    const own = textOf(run.nodes).text;
    const whole = edits.length === 1 && edits[0]?.start === 0 && edits[0].end >= own.trimEnd().length;
    const copy = whole ? null : edited(run.nodes, edits);
    const text = whole ? edits[0]?.text.trim() ?? "" : "";
    if (!whole && !copy) return false;
    const selection = /** @type {Selection} */ (getSelection());
    select(run, selection);
    if (isPlain()) {
      return document.execCommand("insertText", false, whole ? text : textOf([...(copy?.childNodes ?? [])]).text.trim());
    }
    const paragraphs = run.nodes.some((node) => node.nodeName === "P")
      || document.queryCommandValue("defaultParagraphSeparator") === "p";
    return document.execCommand("insertHTML", false, copy ? copy.innerHTML : markup(text, paragraphs));
  }

  /**
   * Selects the words of a run, without the breaks that lay out what is beside it.
   * @param {{start: number, nodes: Node[]}} run
   * @param {Selection} selection
   */
  function select({ start, nodes }, selection) {
    const children = document.body.childNodes;
    let [from, to] = [start, start + nodes.length];
    const isBreak = (/** @type {number} */ index) => children[index]?.nodeName === "BR";
    const bounded = to < children.length; // a quote or a signature follows
    while (from < to - 1 && isBreak(from)) from++;
    while (to > from && isBreak(to - 1) && (bounded || to === children.length)) to--;
    const range = document.createRange();
    range.setStart(document.body, from);
    range.setEnd(document.body, to);
    selection.removeAllRanges();
    selection.addRange(range);
  }

  /** What a message asks for. @param {any} asked */
  function answer(asked) {
    switch (asked.to) {
      case "editor.read":
        return { text: textOf(ownRun().nodes).text, plain: isPlain(), language: document.documentElement.lang };
      case "editor.words":
        return { text: ownWords(), memory };
      case "editor.write":
        return { done: write(asked.edits) };
      case "editor.remember":
        memory = { ...memory, ...asked.what };
        return {};
      case "editor.recall":
        return memory;
      default:
        return undefined;
    }
  }

  browser.runtime.onMessage.addListener((/** @type {any} */ asked) => {
    const found = answer(asked ?? {});
    return found === undefined ? undefined : Promise.resolve(found);
  });
})();
