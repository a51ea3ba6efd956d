"""qgis_check.py PORT NAME PASSWORD: what QGIS makes of the OGC API: layers by its OAPIF provider, as a guest and by HTTP Basic, and vector tiles. Prints verdicts; 77 without QGIS."""
import json
import sys

try:
    from qgis.PyQt.QtCore import QSize
    from qgis.core import QgsApplication, QgsVectorLayer, QgsVectorTileLayer, QgsDataSourceUri, QgsMapRendererSequentialJob, QgsMapSettings, QgsCoordinateReferenceSystem, QgsRectangle
except ImportError:
    print("skipped: there is no QGIS")
    sys.exit(77)


def oapif(root, name, extra=""):
    uri = QgsDataSourceUri()
    uri.setParam("url", root)
    uri.setParam("typename", name)
    uri.setParam("pageSize", "5")
    for key, value in extra:
        uri.setParam(key, value)
    return QgsVectorLayer(uri.uri(False), name, "OAPIF")


def drawn(layer):
    """How many colours a picture of the two areas has: one where nothing is drawn."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(-8371000, 781000, -8352000, 800000))
    settings.setOutputSize(QSize(256, 256))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    return len({picture.pixel(x, y) for x in range(256) for y in range(256)})


def main():
    port, name, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    app = QgsApplication([], False)
    app.initQgis()
    root, told = f"http://127.0.0.1:{port}/ogc", {}
    areas = oapif(root, "hazard-area", ())
    features = list(areas.getFeatures()) if areas.isValid() else []
    told["guest"] = {"valid": areas.isValid(), "names": sorted(str(f["name"]) for f in features), "fields": sorted(f.name() for f in areas.fields()),
                     "crs": areas.crs().authid(), "empty": sum(f.geometry().isEmpty() for f in features)}
    told["guest_accidents"] = oapif(root, "accident", ()).isValid()
    login = (("username", name), ("password", password))
    accidents = oapif(root, "accident", login)
    features = list(accidents.getFeatures()) if accidents.isValid() else []
    told["staff"] = {"valid": accidents.isValid(), "n": len(features), "codes": len({str(f["code"]) for f in features}), "fields": sorted(f.name() for f in accidents.fields())}
    told["wrong_password"] = oapif(root, "accident", (("username", name), ("password", "wrong horse 7"))).isValid()
    tiles = QgsVectorTileLayer(f"type=xyz&url=http://127.0.0.1:{port}/ogc/collections/hazard-area/tiles/WebMercatorQuad/%7Bz%7D/%7By%7D/%7Bx%7D&zmin=0&zmax=14", "tiles")
    told["tiles"] = {"valid": tiles.isValid(), "colours": drawn(tiles) if tiles.isValid() else 0}
    print("TOLD " + json.dumps(told))
    app.exitQgis()


if __name__ == "__main__":
    main()
