"""What Keras's OpenVINO backend lacks to generate with some of KerasHub's models.

- Keras 3.15.1 makes a Loop of `keras.ops.while_loop` without declaring values that its body takes from
  around it, such as a padding mask, so OpenVINO refuses it: "Model references undeclared parameters".
  Here they become variables of the loop that never change. Loops that Keras can express are left alone.
- KerasHub 0.32 cannot return None from a generation that OpenVINO compiles, such as the images of a
  model without any.
"""

from collections.abc import Callable

from keras import tree
from keras.src.backend.openvino import core

INSIDE, OUTSIDE, CONSTANT = "inside", "outside", "constant"


def _nodes_of(tensors) -> list:
    return [core.get_ov_output(tensor).get_node() for tensor in tree.flatten(tensors)]


def _place(node, places: dict[str, str]) -> str:
    """Whether the node depends on the body's parameters, else on others; its inputs are known."""
    sources = {places[source.get_node().get_name()] for source in node.input_values()}
    if INSIDE in sources:
        return INSIDE
    is_foreign = node.get_type_name() == "Parameter" or OUTSIDE in sources
    return OUTSIDE if is_foreign else CONSTANT


def captured_inputs(results, parameters) -> list:
    """The inputs of the body's nodes that take a value from around it, in a fixed order.

    `results` are the body's outputs, `parameters` what it was called with; both any structure.
    """
    places = {node.get_name(): INSIDE for node in _nodes_of(parameters)}
    captured = []
    waiting = _nodes_of(results)
    while waiting:
        node = waiting[-1]
        new = [
            value.get_node()
            for value in node.input_values()
            if value.get_node().get_name() not in places
        ]
        if node.get_name() not in places and new:
            waiting.extend(new)
            continue
        waiting.pop()
        if node.get_name() in places:
            continue
        places[node.get_name()] = _place(node, places)
        if places[node.get_name()] == INSIDE:
            for taken in node.inputs():
                if places[taken.get_source_output().get_node().get_name()] == OUTSIDE:
                    captured.append(taken)
    return captured


def _while_loop_of(plain: Callable) -> Callable:
    def while_loop(cond, body, loop_vars, maximum_iterations=None):
        seen = {}

        def watched(*variables):
            seen["variables"], seen["results"] = variables, body(*variables)
            return seen["results"]

        try:
            return plain(cond, watched, loop_vars, maximum_iterations)
        except RuntimeError:
            if not isinstance(loop_vars, tuple) or "results" not in seen:
                raise
            captured = captured_inputs(seen["results"], seen["variables"])
            if not captured:
                raise
        count = len(loop_vars)

        def with_captured(*variables):
            own, given = variables[:count], variables[count:]
            results = body(*own)
            # The body's nodes are new ones, in the same order.
            for taken, value in zip(captured_inputs(results, own), given, strict=True):
                taken.replace_source_output(core.get_ov_output(value))
            return (*results, *given)

        outer = [core.OpenVINOKerasTensor(taken.get_source_output()) for taken in captured]
        made = plain(
            lambda *variables: cond(*variables[:count]),
            with_captured,
            (*loop_vars, *outer),
            maximum_iterations,
        )
        return made[:count]

    return while_loop


def mend_loops() -> None:
    core.while_loop = _while_loop_of(core.while_loop)


def without_absent(generate_step: Callable) -> Callable:
    """A model's generate_step whose outputs are only those that exist."""

    def step(inputs, stop_token_ids=None):
        outputs = generate_step(inputs, stop_token_ids=stop_token_ids)
        return {name: value for name, value in outputs.items() if value is not None}

    return step
