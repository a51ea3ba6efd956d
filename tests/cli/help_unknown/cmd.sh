. "$LIB"
try tilth help acident
try tilth help zzzzzzzzzz
