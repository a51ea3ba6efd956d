# What cases share; cmd.sh begins with: . "$LIB"

skip() { # WHY
    echo "$1"
    exit 77
}

need() { # PROGRAM
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# Runs a command and prints its exit code, so that a case can hold several.
try() {
    code=0
    "$@" || code=$?
    echo "exit $code"
}

# unchanged FILE COMMAND...: the same, and says whether the file is what it was.
unchanged() {
    file=$1
    shift
    before=$(sha256sum <"$file")
    try "$@"
    if [ "$(sha256sum <"$file")" = "$before" ]; then echo "unchanged"; else echo "CHANGED"; fi
}

# A project of 40 x 40 cells of 500 m near 7 N 75 W.
project() { # NAME
    tilth new "$1" --area=-75.2,7.0,-75.02,7.18 --cell 500m --quiet
}

# Twelve accidents in it.
accidents() { # FILE
    {
        echo "lon,lat,year"
        for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
            echo "-75.$((10 + i % 4)),7.0$((1 + i % 8)),$((1995 + i))"
        done
    } >"$1"
}

# area FILE WEST SOUTH EAST NORTH: a hazardous area that is a rectangle.
area() {
    printf '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "%s", "name": "Upper field", "status": "open"}, "geometry": {"type": "Polygon", "coordinates": [[[%s, %s], [%s, %s], [%s, %s], [%s, %s], [%s, %s]]]}}]}\n' \
        "${1%.*}" "$2" "$3" "$4" "$3" "$4" "$5" "$2" "$5" "$2" "$3" >"$1"
}

# raster FILE COLUMNS ROWS VALUE... [as Arc/Info ASCII]: a grid of 100 m cells, row by row, in EPSG:32618; XLL and STEP may be set.
raster() {
    file=$1 columns=$2 rows=$3
    shift 3
    {
        printf 'ncols %d\nnrows %d\nxllcorner %s\nyllcorner 770000\ncellsize %s\nNODATA_value -9999\n' \
            "$columns" "$rows" "${XLL:-500000}" "${STEP:-100}"
        n=0
        for value in "$@"; do
            n=$((n + 1))
            printf '%s' "$value"
            if [ $((n % columns)) -eq 0 ]; then echo; else printf ' '; fi
        done
    } >"$file"
    cat >"${file%.*}.prj" <<END
PROJCS["WGS 84 / UTM zone ${ZONE:-18}N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",-${MERIDIAN:-75}],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1]]
END
}
