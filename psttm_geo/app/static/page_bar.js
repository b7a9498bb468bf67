/* The bar above every page: the pages in groups, the sign of made-up data, and the other language.

A link carries the address as it is now with one part changed, so that it can be copied or opened in a tab of its own;
followed here it only tells which page or language is wanted. Below 900 px the groups stand in one menu. */

const make = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

const link = (part, value, attributes, ...children) =>
  make("a", { "data-part": part, "data-value": value, ...attributes }, ...children);

const aim = bar => {
  for (const one of bar.querySelectorAll("a")) {
    const address = new URLSearchParams(location.search);
    address.set(one.dataset.part, one.dataset.value);
    one.href = `?${address}`;
  }
};

const close = (bar, except) => {
  for (const open of bar.querySelectorAll("details[open]")) open.open = open.contains(except ?? null);
};

const build = data => {
  const current = page => page.name === data.page ? { "aria-current": "page" } : {};
  const pages = group => make("ul", {}, ...group.pages.map(page => make("li", {},
    link("pagina", page.name, current(page), make("b", {}, page.words), make("small", {}, page.about)))));
  const groups = data.groups.map(group => {
    const [first, ...others] = group.pages;
    const here = group.pages.some(page => page.name === data.page);
    return make("li", { class: here ? "here" : "" }, others.length
      ? make("details", {}, make("summary", {}, group.words), pages(group))
      : link("pagina", first.name, current(first), group.words));
  });
  const menu = make("details", { class: "menu" }, make("summary", { "aria-label": data.menu }, "\u2630"),
    make("div", {}, ...data.groups.flatMap(group =>
      group.pages.length > 1 ? [make("h2", {}, group.words), pages(group)] : [pages(group)])));
  const side = make("div", { class: "side" },
    link("lingua", data.other.language, { lang: data.other.language, title: data.other.words, class: "language" },
      data.other.language.toUpperCase()));
  if (data.sign) {
    side.prepend(make("details", { class: "sign" }, make("summary", {}, data.sign.words),
      make("p", {}, data.sign.about)));
  }
  const brand = make("h1", {}, link("pagina", data.home, data.page === data.home ? { "aria-current": "page" } : {},
    make("b", {}, data.brand[0]), " ", make("small", {}, data.brand[1])));
  return make("nav", { "aria-label": data.label }, brand, make("ul", { class: "groups" }, ...groups), side, menu);
};

export default function ({ data, parentElement, setTriggerValue }) {
  const said = JSON.stringify(data);
  const earlier = parentElement.querySelector("nav");
  const ended = new AbortController();
  earlier?.ended.abort();
  let bar = earlier;
  if (earlier?.said !== said) {
    bar = build(data);
    bar.said = said;
    const focused = earlier?.matches(":focus-within");
    if (earlier) earlier.replaceWith(bar); else parentElement.append(bar);
    if (focused) {
      const stops = [...bar.querySelectorAll(".here > a, .here > details > summary, .menu > summary")];
      stops.find(stop => stop.checkVisibility())?.focus();
    }
  }
  bar.ended = ended;
  const listen = (target, kind, heard) => target.addEventListener(kind, heard, { signal: ended.signal });
  aim(bar);
  listen(bar, "pointerdown", () => aim(bar));
  listen(bar, "focusin", () => aim(bar));
  listen(bar, "click", event => {
    const followed = event.target.closest("a");
    close(bar, event.target.closest("details"));
    if (!followed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    followed.closest("details")?.querySelector("summary").focus();
    close(bar);
    setTriggerValue(followed.dataset.part, followed.dataset.value);
  });
  listen(bar, "keydown", event => {
    const open = event.target.closest("details[open]");
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  listen(bar, "focusout", event => event.relatedTarget && close(bar, event.relatedTarget));
  listen(document, "pointerdown", event => event.composedPath().includes(bar) || close(bar));
  return () => ended.abort();
}
