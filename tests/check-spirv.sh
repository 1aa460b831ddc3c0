#!/bin/sh
# The SPIR-V kept in shaders/spirv is of the sources beside it: TAP.
# check-spirv.sh SOURCE_ROOT [GLSLANG]
root=$1 glslang=${2:-}
echo 1..2
cd "$root/shaders/spirv" || exit 1
if command -v sha256sum > /dev/null; then
  if out=$(sha256sum --quiet -c sources.sha256 2>&1); then echo 'ok 1 - as when it was made'
  else echo 'not ok 1 - as when it was made'; echo "$out" | sed 's/^/# /'; echo '# run shaders/spirv/update with a glslang >= 14'; bad=1; fi
else
  echo 'ok 1 - as when it was made # SKIP no sha256sum'
fi
version=$("$glslang" --version 2> /dev/null | sed -n '1s/.*://p')
case $version in
  '' | [0-9].* | 1[0-3].*) echo "ok 2 - compiled again # SKIP this glslang ($version) knows no cooperative matrices" ;;
  *)
    dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
    for spv in *.spv; do
      name=${spv%.spv}
      case $name in *-group | attention-rows) env=vulkan1.3 ;; *) env=vulkan1.2 ;; esac
      if ! "$glslang" --quiet --target-env $env -g0 -I.. -V "../$name.comp" -o "$dir/$spv" > "$dir/log" 2>&1; then
        sed 's/^/# /' "$dir/log"; failed="$failed $name"
      # the third word names the generator: another release may choose other instructions
      elif [ "$(od -An -tx4 -j8 -N4 "$spv")" = "$(od -An -tx4 -j8 -N4 "$dir/$spv")" ] && ! cmp -s "$spv" "$dir/$spv"; then
        failed="$failed $name"
      fi
    done
    if [ -z "$failed" ]; then echo 'ok 2 - compiled again'; else echo "not ok 2 - compiled again:$failed"; bad=1; fi ;;
esac
exit ${bad:-0}
