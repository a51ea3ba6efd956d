#!/bin/sh
# po.sh check: every text that the program marks is in every po/*.po, translated, with the same placeholders, and no other.
# po.sh update: brings po/*.po up to date with the program's texts; new ones are there without a translation.
# po.sh pot FILE: writes the template for a new language.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

template() {
    find src -name '*.c' ! -name '*_test.c' | LC_ALL=C sort |
        xgettext --force-po --files-from=- --from-code=UTF-8 --language=C --add-location=file --no-wrap \
            --keyword --keyword=tl_catalogue_text:2 --keyword=tl_catalogue_plural:2,3 --keyword=TL_CATALOGUE_MARK \
            --keyword=TEXT:3,3t --keyword=DATE:3,3t --keyword=YESNO:3,3t --keyword=CHOICE:4,4t --keyword=INTEGER:5,5t --keyword=REAL:5,5t \
            --flag=TL_CATALOGUE_MARK:1:no-c-format \
            --add-comments=Translators: --package-name=tilth --output="$1"
    # xgettext writes no charset when all texts are ASCII.
    sed -i 's/charset=CHARSET/charset=UTF-8/' "$1"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
template "$work/tilth.pot"
case "${1:-}" in
check)
    bad=0
    for po in po/*.po; do
        msgfmt --check --output-file=/dev/null "$po" || bad=1
        msgcmp "$po" "$work/tilth.pot" || bad=1
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
