. "$LIB"
project p.gpkg
add() { printf '%s\n' "$1" | try tilth account p.gpkg add --name "$2" --role entry --quiet; }
add short A
add "long enough 1" ""
add "long enough 1" A
add "long enough 1" A
add "B and nothing else" "B and nothing else"
try tilth account p.gpkg add --name C --role entry </dev/null
try tilth account p.gpkg add --name C --role guest </dev/null
try tilth account p.gpkg add --name C
try tilth account p.gpkg add --role entry
try tilth account p.gpkg remove --name C
try tilth account p.gpkg remove --name A --role entry
try tilth account p.gpkg remve --name A
try tilth account none.gpkg list
echo '{"accounts": 3}' >p.gpkg.accounts
try tilth account p.gpkg list
# A server that others can reach needs accounts; an address and a folder that are none.
rm p.gpkg.accounts
try tilth serve p.gpkg --listen 0.0.0.0
try tilth serve p.gpkg --listen nowhere
try tilth serve p.gpkg --pages none
try tilth serve none.gpkg
