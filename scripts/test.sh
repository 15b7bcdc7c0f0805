#!/usr/bin/env bash
# Builds and runs all tests and checks. The last line counts passed, failed and skipped tests. With
# CI=true a skipped test counts as failed. Logs stay in build/logs.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/test.sh [--quick] [GATE...]
Builds and runs all tests and checks; logs stay in build/logs.
  --quick   run only the gates shell, format and release
  GATE      run only these: shell format release tidy install cgroup-v2 asan-ubsan fuzz tsan openvino oracles
environment
  CI=true               count skipped tests as failed
  TARE_TEST_MODEL       model file for tests; default: downloaded by scripts/get_model.sh
  TARE_TEST_GPT2_VOCAB  folder with GPT-2's vocabulary; default: downloaded by scripts/get_gpt2_vocabulary.sh
  TARE_FUZZ_SECONDS     seconds per fuzz target; default: 20
  TARE_JOBS             parallel jobs; default: number of processors
examples
  scripts/test.sh --quick
  scripts/test.sh tsan fuzz
HELP
}

cd "$(dirname "$0")/.."
all_gates=(shell format release tidy install cgroup-v2 asan-ubsan fuzz tsan openvino oracles)
gates=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --quick) gates+=(shell format release) ;;
    -h | --help) usage; exit 0 ;;
    *)
      [[ " ${all_gates[*]} " == *" $1 "* ]] || { usage >&2; exit 2; }
      gates+=("$1")
      ;;
  esac
  shift
done
[[ ${#gates[@]} -gt 0 ]] || gates=("${all_gates[@]}")

jobs=${TARE_JOBS:-$(nproc)}
fuzz_seconds=${TARE_FUZZ_SECONDS:-20}
logs=$PWD/build/logs
mkdir -p "$logs"
# Share compiled files with other checkouts of the same sources.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
passed=0 failed=0 skipped=0
failures=()

say() { printf '%s\n' "$*" >&2; }

# count NAME STATUS DETAIL: counts one test; shows the end of its log if it failed.
count() {
  if [[ $2 -eq 0 ]]; then
    passed=$((passed + 1))
    say "ok    $1 ($3)"
  else
    failed=$((failed + 1))
    failures+=("$1")
    say "FAIL  $1 ($3), $logs/$1.log ends:"
    tail -n 60 "$logs/$1.log" >&2
  fi
}

# check NAME COMMAND...: runs one test.
check() {
  local name=$1 start=$SECONDS status=0
  shift
  "$@" >"$logs/$name.log" 2>&1 || status=$?
  count "$name" "$status" "$((SECONDS - start)) s"
  return "$status"
}

declare -A running=() # process -> name of the check that it runs

# start NAME COMMAND...: runs one test in parallel with others, at most one per processor; finish waits for them.
start() {
  local name=$1 begun
  shift
  [[ ${#running[@]} -lt $jobs ]] || finish_one
  begun=$SECONDS
  (
    status=0
    "$@" >"$logs/$name.log" 2>&1 || status=$?
    echo "$((SECONDS - begun)) s" >"$logs/$name.time"
    exit "$status"
  ) &
  running[$!]=$name
}

finish_one() {
  local pid status=0 name
  wait -n -p pid "${!running[@]}" || status=$?
  name=${running[$pid]}
  unset "running[$pid]"
  count "$name" "$status" "$(<"$logs/$name.time")"
}

finish() {
  while [[ ${#running[@]} -gt 0 ]]; do finish_one; done
}

skip() {
  skipped=$((skipped + 1))
  say "skip  $1: $2"
}

attribute() { grep -oE "$2=\"[0-9]+\"" "$1" | head -n 1 | grep -oE '[0-9]+'; }

# failed_output LOG: prints the output of a ctest run's failed tests, then ctest's list of them.
failed_output() {
  awk '/^ *[0-9]+\/[0-9]+ Test +#/ { shown = /\*\*\*/ && !/\*\*\*Skipped/ }
    /^ +Start +[0-9]+:/ || /^[0-9]+% tests passed/ { shown = 0 }
    /^The following tests FAILED/ { shown = 1 }
    shown' "$1"
}

# run_ctest NAME FOLDER [CTEST-ARGUMENT...]: runs the tests of a build folder and counts them.
run_ctest() {
  local name=$1 folder=$2 start=$SECONDS report=$logs/$1.xml status=0
  shift 2
  rm -f "$report"
  # Tests ask for more memory than there is; as without a sanitizer, the answer is null.
  ASAN_OPTIONS=allocator_may_return_null=1 TSAN_OPTIONS=allocator_may_return_null=1 \
    UBSAN_OPTIONS=print_stacktrace=1 ctest --test-dir "$folder" --output-on-failure --parallel "$jobs" --output-junit "$report" \
    --no-tests=error "$@" >"$logs/$name.log" 2>&1 || status=$?
  if [[ ! -f "$report" ]]; then
    failed=$((failed + 1))
    failures+=("$name")
    tail -n 20 "$logs/$name.log" >&2
    return
  fi
  local tests fails skips
  tests=$(attribute "$report" tests)
  fails=$(attribute "$report" failures)
  skips=$(($(attribute "$report" skipped) + $(attribute "$report" disabled)))
  # A crash that ctest counts nowhere must not pass.
  [[ $status -eq 0 || $fails -gt 0 ]] || fails=1
  passed=$((passed + tests - fails - skips))
  failed=$((failed + fails))
  skipped=$((skipped + skips))
  say "$([[ $fails -eq 0 ]] && echo 'ok  ' || echo FAIL)  $name: $tests cases, $fails failed, $skips skipped" \
    "($((SECONDS - start)) s)"
  [[ $skips -eq 0 ]] || grep -E '\(Skipped\)|\(Disabled\)' "$logs/$name.log" >&2 || true
  if [[ $fails -gt 0 ]]; then
    failures+=("$name")
    local output
    output=$(failed_output "$logs/$name.log")
    tail -n 200 <<<"${output:-$(tail -n 20 "$logs/$name.log")}" >&2
    say "see $logs/$name.log"
  fi
}

build() {
  local preset=$1
  shift
  cmake --preset "$preset" && cmake --build --preset "$preset" --parallel "$jobs" "$@"
}

rows=${TARE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/tare}/backends
tare=build/release/bin/tare
keras_rows=(keras-openvino keras-openvino-2025.2 keras-jax keras-torch keras-tensorflow)
installer='' tidy=''

# In CI, downloads what the last gates need while the others compile and test.
install_rows_in_background() {
  [[ "${CI:-}" == true && -z "$installer" ]] || return 0
  (
    for row in "${keras_rows[@]}" llama.cpp; do
      nice "$tare" backends install "$row" >"$logs/install.$row.log" 2>&1 || true
    done
    scripts/oracle_python.sh >"$logs/install.oracle.log" 2>&1 || true
    scripts/openvino_pythons.sh >"$logs/install.openvino.log" 2>&1 || true
  ) &
  installer=$!
}

wait_for_rows() {
  install_rows_in_background
  [[ -z "$installer" ]] || wait "$installer" || true
}

# has_row NAME TEST: whether a backend is installed; if not, skips the test.
has_row() {
  [[ -x $rows/$1/bin/python ]] && return
  skip "$2" "it is not installed: $tare backends install $1"
  return 1
}

gate_shell() {
  # shellcheck disable=SC2046  # One word a file.
  check shellcheck shellcheck $(git ls-files 'scripts/*.sh' 'tests/*.sh' .ci/run) || true
}

check_format() {
  git ls-files -z '*.h' '*.cc' | xargs -0 -r clang-format-14 --dry-run --Werror
}

gate_format() {
  if command -v clang-format-14 >/dev/null; then
    check clang-format check_format || true
  else
    skip clang-format "the sources are formatted with version 14, which is not installed"
  fi
}

gate_release() {
  check release.build build release || return 0
  install_rows_in_background
  run_ctest release build/release --label-exclude openvino
}

# Tests what `cmake --install` and cpack create, without the checkout.
gate_install() {
  check install.build build release || return 0
  if unshare --mount true 2>/dev/null || unshare --mount --map-root-user true 2>/dev/null; then
    start install.tree tests/install/installed_tree.sh build/release
  else
    skip install.tree "this machine does not allow unsharing mounts"
  fi
  if [[ $EUID -eq 0 ]]; then
    start install.package tests/install/debian_package.sh build/release
  else
    skip install.package "debootstrap needs root"
  fi
  finish
}

# Memory limits under the other version of cgroups, in an emulated machine.
gate_cgroup-v2() {
  check cgroup-v2.build build release --target tare_bench_test tare_fake_worker || return 0
  start cgroup-v2 tests/vm/cgroup_v2.sh build/release
}

# Runs on processors that later gates leave idle; finish_tidy waits for it.
gate_tidy() {
  check tidy.build build release || return 0
  nice -n 15 scripts/tidy.py build/release --jobs "$jobs" >"$logs/clang-tidy.log" 2>&1 &
  tidy=$!
}

finish_tidy() {
  [[ -n "$tidy" ]] || return 0
  local status=0
  wait "$tidy" || status=$?
  count clang-tidy "$status" "$(tail -n 1 "$logs/clang-tidy.log")"
}

# One build with clang for the tests under the sanitizers and for the fuzz targets.
gate_asan-ubsan() {
  check asan-ubsan.build build asan-ubsan || return 0
  # The hook that `tare run` preloads is built by itself, without the preset's flags: sanitized_hook.
  run_ctest asan-ubsan build/asan-ubsan --label-exclude 'gate|openvino|behaviour'
}

# Only the rooms that start threads.
gate_tsan() {
  local room
  for room in base heap kernels runtime; do
    compgen -G "src/$room/*_test.cc" >/dev/null || continue
    check "tsan.build.$room" build tsan --target "tare_${room}_test" || continue
    run_ctest "tsan.$room" "build/tsan/src/$room"
  done
}

# fuzz_one NAME: new inputs go to the build folder, so that the kept corpus stays as it is.
fuzz_one() {
  local name=$1 found=build/asan-ubsan/found/$1 kept=tests/fuzz/corpus/$1
  mkdir -p "$found" build/asan-ubsan/crashes
  local arguments=("$found")
  [[ ! -d "$kept" ]] || arguments+=("$kept")
  [[ ! -f "tests/fuzz/$name.dict" ]] || arguments+=("-dict=tests/fuzz/$name.dict")
  "build/asan-ubsan/bin/$name" "${arguments[@]}" "-max_total_time=$fuzz_seconds" -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=build/asan-ubsan/crashes/$name-"
}

gate_fuzz() {
  check fuzz.build build asan-ubsan --target fuzzers || return 0
  local source name
  for source in tests/fuzz/*_fuzz.cc; do
    name=$(basename "$source" .cc)
    start "$name" fuzz_one "$name"
  done
  finish
}

check_oracle_units() {
  (cd tests/oracle && "$python" -B -m unittest discover --pattern '*_test.py')
}

# Transformers, `tokenizers` and `gguf` on the model.
oracles_reference() {
  local logits=$1
  if ! python=$(scripts/oracle_python.sh); then
    skip oracles.reference "their Python packages could not be had"
    return
  fi
  start oracle.units check_oracle_units
  start oracle.tokenizer "$python" -B tests/oracle/tokenizer_oracle.py --tare "$tare" \
    --model "$TARE_TEST_MODEL" ${TARE_TEST_GPT2_VOCAB:+--gpt2-vocabulary "$TARE_TEST_GPT2_VOCAB"}
  start oracle.chat_templates "$python" -B tests/oracle/chat_template_oracle.py \
    --jinja build/release/bin/tare_render_jinja
  start oracle.logits "$python" -B tests/oracle/logits_oracle.py --tare "$tare" \
    --logits "$logits" --model "$TARE_TEST_MODEL" --markdown build/logs/logits_oracle.md
}

# KerasHub on presets made for the purpose.
oracles_keras() {
  local logits=$1 keras
  if ! keras=$(scripts/keras_python.sh "$tare"); then
    skip oracles.keras "KerasHub could not be had: $tare backends install keras-jax"
    return
  fi
  start keras.logits "$keras" -B tests/oracle/keras_logits.py --tare "$tare" --logits "$logits" \
    --markdown build/logs/keras_logits.md
  start keras.families "$keras" -B tests/oracle/keras_families.py --tare "$tare" --logits "$logits" \
    --markdown build/logs/keras_families.md
  start keras.tokenizer env KERAS_BACKEND=jax "$keras" -B tests/oracle/tokenizer_oracle.py --keras \
    --tare "$tare" --random 5000 \
    ${TARE_TEST_GPT2_VOCAB:+--gpt2-vocabulary "$TARE_TEST_GPT2_VOCAB"}
  start keras.sentence_piece "$keras" -B tests/oracle/sentence_piece_oracle.py --tare "$tare"
  local llama=${TARE_BACKEND_LLAMA_CPP_PYTHON:-$rows/llama.cpp/bin/python}
  [[ -x $llama ]] || llama=
  start keras.tokenizer_forms env KERAS_BACKEND=jax "$keras" -B tests/oracle/tokenizer_forms.py \
    --tare "$tare" --keras-hub ${llama:+--llama-python "$llama"}
  start keras.samplers env KERAS_BACKEND=jax "$keras" -B tests/oracle/keras_samplers.py \
    --build build/release
}

# Keras's tokens with and without `tare run`, on each tested OpenVINO.
keras_tokens() {
  local row python pythons older=$rows/keras-openvino-2025.2/bin/python
  for row in keras-openvino keras-openvino-2025.2; do
    has_row "$row" "tokens.$row" || return 0
    start "tokens.$row" "$rows/$row/bin/python" -B tests/openvino/keras_tokens.py "$tare"
  done
  # The versions that no row has, beneath the older row's Keras.
  if ! pythons=$(scripts/openvino_pythons.sh); then
    skip tokens.versions "the wheels could not be had"
    return
  fi
  for python in $pythons; do
    start "tokens.$(basename "${python%/bin/python}")" "$older" -B tests/openvino/keras_tokens.py \
      "$tare" "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  done
}

# The hook and the pass of `tare run` under AddressSanitizer and UBSan, in an OpenVINO of each string ABI.
sanitized_hook() {
  local row
  for row in keras-openvino keras-openvino-2025.2; do
    has_row "$row" "sanitized.$row" || continue
    start "sanitized.$row" python3 -B tests/openvino/sanitized_hook.py "$tare" "$rows/$row/bin/python"
  done
}

# `tare run` and the backend `openvino` on each installed OpenVINO and Keras; configuring finds them.
gate_openvino() {
  check openvino.build build release || return 0
  wait_for_rows
  local row
  for row in "${keras_rows[@]}"; do
    has_row "$row" "openvino.$row" || true
  done
  scripts/openvino_pythons.sh >/dev/null || skip openvino.versions "the wheels could not be had"
  check openvino.configure cmake --preset release || return 0
  run_ctest openvino build/release --label-regex openvino
  if has_row keras-openvino loops.keras-openvino; then
    start loops.keras-openvino "$rows/keras-openvino/bin/python" -B tests/oracle/keras_openvino_loops.py
  fi
  keras_tokens
  sanitized_hook
  finish
}

# A real model's text from Keras on each of its backends.
smollm2_in_keras() {
  local row pythons=()
  for row in keras-tensorflow keras-torch keras-jax keras-openvino; do
    has_row "$row" "smollm2.$row" && pythons+=("$rows/$row/bin/python")
  done
  [[ ${#pythons[@]} -gt 0 ]] || return 0
  start smollm2.keras "${pythons[0]}" -B tests/oracle/smollm2_in_keras.py --tare "$tare" \
    --model "$TARE_TEST_MODEL" "${pythons[@]}"
}

# The agreement is only a report, but CI must have it.
oracles_llama_cpp() {
  local llama=${TARE_BACKEND_LLAMA_CPP_PYTHON:-$rows/llama.cpp/bin/python}
  [[ -x $llama ]] || has_row llama.cpp agreement.llama.cpp || return 0
  start agreement.llama.cpp "$llama" -B tests/oracle/llama_cpp_agreement.py --tare "$tare" \
    --model "$TARE_TEST_MODEL" --markdown build/logs/llama_cpp_agreement.md
  start tokens.quantised "$llama" -B tests/oracle/quantised_tokens.py --tare "$tare" \
    --model "$TARE_TEST_MODEL" --markdown build/logs/quantised_tokens.md
  start oracle.mixes "$llama" -B tests/oracle/type_mixes.py --mixes build/release/bin/tare_type_mixes \
    --markdown build/logs/type_mixes.md
  start oracle.families "$llama" -B tests/oracle/family_logits.py --write build/release/bin/tare_family_gguf \
    --markdown build/logs/family_logits.md
  [[ -n $python ]] || return 0
  start oracle.any_model "$python" -B tests/oracle/any_model.py --tare "$tare"
  local library
  library=$("$llama" -c 'import llama_cpp, os; print(os.path.dirname(llama_cpp.__file__))')/lib/libggml-base.so
  start oracle.blocks "$python" -B tests/oracle/quantize_oracle.py --blocks build/release/bin/tare_blocks \
    --ggml "$library" --markdown build/logs/quantize_oracle.md
}

gate_oracles() {
  check oracles.build build release --target tare tare_logits tare_draws tare_blocks tare_render_jinja \
    tare_type_mixes tare_family_gguf || return 0
  wait_for_rows
  local logits=build/release/bin/tare_logits
  oracles_keras "$logits"
  if [[ -z "${TARE_TEST_MODEL:-}" ]]; then
    skip oracles "there is no model"
  else
    oracles_reference "$logits"
    smollm2_in_keras
    oracles_llama_cpp
  fi
  finish
}

scripts/install_packages.sh --dev
if [[ -z "${TARE_TEST_MODEL:-}" ]]; then
  if TARE_TEST_MODEL=$(scripts/get_model.sh); then
    export TARE_TEST_MODEL
  else
    unset TARE_TEST_MODEL
  fi
fi
if [[ -z "${TARE_TEST_GPT2_VOCAB:-}" ]]; then
  if TARE_TEST_GPT2_VOCAB=$(scripts/get_gpt2_vocabulary.sh); then
    export TARE_TEST_GPT2_VOCAB
  else
    unset TARE_TEST_GPT2_VOCAB
  fi
fi
times=("$(printf 'setup\t%d' "$SECONDS")")
for gate in "${gates[@]}"; do
  start=$SECONDS
  "gate_$gate"
  times+=("$(printf '%s\t%d' "$gate" $((SECONDS - start)))")
done
start=$SECONDS
finish
finish_tidy
times+=("$(printf 'rest of tidy\t%d' $((SECONDS - start)))")

printf '%s\n' "${times[@]}" >"$logs/gates.tsv"
say "seconds a gate: $(tr '\t\n' ' ,' <"$logs/gates.tsv" | sed 's/,$//; s/,/, /g')"
say "all gates took $((SECONDS / 60)) min $((SECONDS % 60)) s"
[[ ${#failures[@]} -eq 0 ]] || say "failed: ${failures[*]}"
if [[ "${CI:-}" == true && $skipped -gt 0 ]]; then
  say "CI=true: $skipped skipped counts as failed"
  failed=$((failed + skipped))
  skipped=0
fi
if [[ $skipped -gt 0 ]]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
[[ $failed -eq 0 ]]
