. "$LIB"
project p.gpkg
cat >a.geojson <<END
{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "F-1", "name": "Upper field", "status": "open"},
"geometry": {"type": "Polygon", "coordinates": [[[-75.15, 7.05], [-75.147, 7.05], [-75.147, 7.053], [-75.15, 7.053], [-75.15, 7.05]]]}}]}
END
tilth import p.gpkg a.geojson --as hazard-area --quiet
unchanged p.gpkg tilth survey transects p.gpkg --area "Upper field" --width 2m --target "ellipse 60m 20m" --density 0.02/m2 --background 0.001/m2 --spacing 30m --out l.gpx
grep -c '<trk>\|<rte>' l.gpx
tilth survey transects p.gpkg --area HA-0001 --width 2m --target "circle 40m" --probability 95% --method manual --bearing 90 --out l.geojson
grep -c LineString l.geojson
try tilth survey transects p.gpkg --area HA-0001 --width 2m --target "circle 40m" --spacing 30m --out l.geojson
try tilth survey transects p.gpkg --area HA-0001 --width 2m --target "circle 40m" --spacing 30m --out l.shp
try tilth survey transects p.gpkg --area HA-0009 --width 2m --target "circle 40m" --spacing 30m
try tilth survey transects p.gpkg --area HA-0001 --width 2m --target "circle 40m" --spacing 1m
try tilth survey transects p.gpkg --area HA-0001 --width 2m --target "circle 40m" --spacing 30m --method rollers
# No spacing reaches that where so little lies in the target.
try tilth survey transects p.gpkg --area HA-0001 --width 2m --target "circle 10m" --density 0.01/m2 --background 0.0001/m2 --probability 99%
# Wholly outside the project, where its coordinates are not true to length.
area far.geojson -15.15 7.05 -15.147 7.053
try tilth survey transects p.gpkg --polygon far.geojson --width 2m --target "circle 40m" --spacing 30m
try tilth survey transects p.gpkg --area HA-0001 --width 2m --target "ellipse 60m 20m 400deg" --spacing 30m
