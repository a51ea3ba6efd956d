# What the run.sh of the benches share; each begins with: . "$(dirname "$0")/../common.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=1000 # as the program sets them for itself

# options "seeds bench ..." "$@": each --some-name VALUE of those named sets $some_name; anything else ends the script.
options() {
    known=" $1 "
    shift
    while [ $# -gt 0 ]; do
        case $1,$known in
            --*,*" ${1#--} "*) ;;
            *) echo "unknown option $1" >&2; exit 2 ;;
        esac
        [ $# -ge 2 ] || { echo "$1 needs a value" >&2; exit 2; }
        eval "$(echo "${1#--}" | tr - _)=\$2"
        shift 2
    done
}

# built TARGET...: $bench is there, with its whole path.
built() {
    [ -x "$bench" ] || { echo "build it first: cmake --build --preset release --target $*" >&2; exit 2; }
    case $bench in /*) ;; *) bench=$PWD/$bench ;; esac
}

# Other work on the machine shows at once.
machine() {
    echo "$(date -u +%Y-%m-%d) cores $(nproc) load $(cut -d' ' -f1 /proc/loadavg)"
}
