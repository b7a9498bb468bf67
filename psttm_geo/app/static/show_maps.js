const loaded = {};
const once = (address, load) => loaded[address] ??= load(new URL(address, document.baseURI).href);

/* Streamlit calls this again whenever the states change, also while an earlier call still waits for its files. */
export default async function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const turn = parentElement.psttmTurn = (parentElement.psttmTurn ?? 0) + 1;
  const text = address => once(address, address => fetch(address).then(answer => answer.text()));
  const [module, layers, ...states] = await Promise.all([
    once(data.module, address => import(address)),
    once(data.layers, address => fetch(address).then(answer => answer.json())),
    ...data.states.map(async state => ({
      ...state,
      services: state.services && await text(state.services),
      areas: state.areas
        && { ...state.areas, shapes: await text(state.areas.shapes), values: await text(state.areas.values) },
    })),
  ]);
  const tell = {
    moved: view => setStateValue("view", view),
    clicked: code => setTriggerValue("clicked", code),
    pointed: place => setTriggerValue("pointed", place),
    edited: edit => setTriggerValue("edited", edit),
  };
  if (parentElement.psttmTurn === turn) {
    parentElement.psttm ??= module.mount(parentElement, { ...data.options, layers }, states, tell);
    parentElement.psttm.show(states);
  }
  return () => {
    if (parentElement.psttmTurn !== turn) return;
    parentElement.psttm.remove();
    delete parentElement.psttm;
  };
}
