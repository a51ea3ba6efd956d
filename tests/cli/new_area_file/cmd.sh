. "$LIB"
cat >area.geojson <<'END'
{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon",
"coordinates": [[[30, 50], [30.3, 50], [30.3, 50.1], [30.15, 50.2], [30, 50.1], [30, 50]]]}}]}
END
tilth new p.gpkg --area area.geojson --cell 1km --title "A district"
tilth info p.gpkg | head -n 10
