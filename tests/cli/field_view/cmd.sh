. "$LIB"
project p.gpkg
tilth field-view p.gpkg
unchanged p.gpkg tilth field-view p.gpkg
cat >field.json <<END
{
 "contacts": [{"name": {"en": "Rescue service", "uk": "Служба порятунку"}, "phone": "101"}],
 "words": ["The path to the school is closed."],
 "districts": [{"id": "north", "name": "North", "box": [-75.2, 7.0, -75.1, 7.1]}]
}
END
tilth field-view p.gpkg --edit field.json
tilth field-view p.gpkg --json
tilth field-view p.gpkg --edit field.json --quiet
tilth check p.gpkg
# What is wrong is named, and nothing is set.
echo '{"contacts": [{"name": "A", "phone": "call me"}]}' >bad.json
unchanged p.gpkg tilth field-view p.gpkg --edit bad.json
echo '{"contacts": [' >bad.json
try tilth field-view p.gpkg --edit bad.json
try tilth field-view p.gpkg --edit nowhere.json
tilth field-view p.gpkg
