#!/bin/sh
# po.sh check: every text that the program marks is in every po/*.po, translated, with the same placeholders, and no other; of refusals as many as po/untold.txt says.
# po.sh update: brings po/*.po up to date with the program's texts; new ones are there without a translation.
# po.sh pot FILE: writes the template for a new language.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

# What the program shows by itself: dossiers, assessments, terms. A text that is not translated fails the check.
marked() {
    find src -name '*.c' ! -name '*_test.c' | LC_ALL=C sort |
        xgettext --force-po --files-from=- --from-code=UTF-8 --language=C --add-location=file --no-wrap \
            --keyword --keyword=tl_catalogue_text:2 --keyword=tl_catalogue_plural:2,3 --keyword=TL_CATALOGUE_MARK \
            --keyword=TEXT:3,3t --keyword=DATE:3,3t --keyword=YESNO:3,3t --keyword=CHOICE:4,4t --keyword=INTEGER:5,5t --keyword=REAL:5,5t \
            --flag=TL_CATALOGUE_MARK:1:no-c-format \
            --add-comments=Translators: --package-name=tilth --output="$1"
    # xgettext writes no charset when all texts are ASCII.
    sed -i 's/charset=CHARSET/charset=UTF-8/' "$1"
}

# Refusals, doubts and stages of work that users of the pages can meet: the formats of the functions that make them, in the rooms and files behind the pages.
# Those without a translation are counted, and their number may only fall (po/untold.txt).
told() {
    {
        ls src/serve/*.c src/store/*.c src/evidence/*.c src/release/*.c
        for file in core/ctx core/yaml core/json core/vault core/secret geo/coord geo/csv geo/csv_scan geo/geometry geo/rows geo/rows_look geo/pixels geo/pixels_look geo/raster geo/raster_warp geo/vector geo/vector_archive \
            geo/vector_where geo/wkb geo/crs geo/geom hazard/explain forecast/run forecast/builtin forecast/class forecast/quantity forecast/scenario forecast/start \
            plan/explain plan/area plan/dates plan/option plan/overlap plan/schedule plan/task plan/why \
            tile/source tile/scale tile/id tile/raster tile/vector tile/basemap tile/pmtiles tile/pack tile/unpack tile/chunk; do
            ls "src/$file.c" 2>/dev/null || true
        done
    } | grep -v '_test\.c$' | grep -v -E 'src/store/(mbtiles|migrate|create|qgis|covariate|keyring|victim_people|style|schema|rtree|queue)\.c$' | LC_ALL=C sort |
        xgettext --force-po --files-from=- --from-code=UTF-8 --language=C --add-location=file --no-wrap \
            --keyword --keyword=tl_fail:3 --keyword=tl_fail_at:3 --keyword=TL_THROW:3 --keyword=tl_position_refuse:6 --keyword=tl_batch_doubt:5,5t \
            --keyword=doubt:5,5t --keyword=refuse:4,4t --keyword=refuse_value:3 --keyword=tl_call_fail:4 --keyword=tl_yaml_fail:3 --keyword=tl_plan_keep_text:3 --keyword=tl_plan_assume:3 --keyword=tl_plan_remark:3 --keyword=say_note:4 --keyword=tl_progress_begin:2 --keyword=wrong:3,3t --keyword=bad:4,4t --keyword=member_fail:3,3t --keyword=tl_decision_need:2 \
            --package-name=tilth --output="$1"
    sed -i 's/charset=CHARSET/charset=UTF-8/' "$1"
}

template() {
    marked "$work/marked.pot"
    told "$work/told.pot"
    msgcat --use-first --no-wrap --add-location=file --output-file="$1" "$work/marked.pot" "$work/told.pot"
}

# Refusals that a language does not have yet: at most as many as po/untold.txt says; a language that is not there may have any number.
count_untold() {
    msgmerge --quiet --no-wrap --no-fuzzy-matching --output-file="$work/merged.po" "$1" "$work/tilth.pot"
    msgattrib --untranslated --no-obsolete --no-wrap "$work/merged.po" >"$work/untold.po" || true
    n=$(grep -c '^msgid' "$work/untold.po" || true)
    n=$((n > 0 ? n - 1 : 0)) # its header
    most=$(sed -n "s/^$(basename "$1" .po) //p" po/untold.txt)
    [ "$n" -le "${most:-$n}" ] && return 0
    echo "$1: $n texts have no translation, po/untold.txt allows $most: scripts/po.sh update, then translate" >&2
    grep '^msgid "..*' "$work/untold.po" >&2 || true
    return 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
template "$work/tilth.pot"
case "${1:-}" in
check)
    bad=0
    for po in po/*.po; do
        msgfmt --check --output-file=/dev/null "$po" || bad=1
        msgcmp "$po" "$work/marked.pot" 2>"$work/said" || bad=1
        grep -v 'this message is not used$' "$work/said" >&2 || true
        count_untold "$po" || bad=1
        if msgattrib --only-obsolete "$po" | grep -q '^#~'; then
            echo "$po has texts that the program no longer has" >&2
            bad=1
        fi
    done
    exit $bad
    ;;
update)
    for po in po/*.po; do
        msgmerge --quiet --update --backup=none --no-wrap --no-fuzzy-matching --add-location=file "$po" "$work/tilth.pot"
    done
    ;;
pot) cp "$work/tilth.pot" "$2" ;;
*)
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
    ;;
esac
