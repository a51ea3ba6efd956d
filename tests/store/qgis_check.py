"""What QGIS makes of a project: layers, styles, the embedded project, edits that are logged.

usage: qgis_check.py TOOL [FOLDER]; TOOL is store_tool, which makes, checks and opens projects.
Exit code 77 where PyQGIS is not installed.
"""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    from qgis.core import (QgsApplication, QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsVectorLayer)
except ImportError:
    print("skipped: PyQGIS (python3-qgis) is not installed")
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(77)

TOOL = sys.argv[1]
LAYERS = ["hazard_area", "accident", "item", "search", "report", "line", "place", "area", "land_release",
          "hazard_cell"]
failures = []


def expect(what, holds):
    print(("passed " if holds else "FAILED ") + what)
    if not holds:
        failures.append(what)


def check(path):
    return subprocess.run([TOOL, "check", path], capture_output=True, text=True, check=True).stdout


def layer_of(path, name):
    return QgsVectorLayer(f"{path}|layername={name}", name, "ogr")


def layers(path):
    for name in LAYERS:
        layer = layer_of(path, name)
        expect(f"layer {name} is valid", layer.isValid())
        expect(f"layer {name} is in WGS 84", layer.crs().authid() == "EPSG:4326")
        renderer = layer.renderer()
        expect(f"layer {name} brings its style", renderer is not None and renderer.type() == "RuleRenderer")
        rules = renderer.rootRule().children() if renderer.type() == "RuleRenderer" else []
        expect(f"rules of {name} have symbols and labels", len(rules) > 0 and all(
            rule.symbol() is not None and rule.symbol().symbolLayerCount() > 0 and rule.label() for rule in rules))
        expect(f"filters of {name} are expressions", all(
            rule.filter() is None or not rule.filter().hasParserError() for rule in rules))
        invalid = [f.id() for f in layer.getFeatures() if not f.hasGeometry() or not f.geometry().isGeosValid()]
        expect(f"geometries of {name} are valid", not invalid)
    accident = layer_of(path, "accident")
    expect("the accidents made are there", accident.featureCount() == 3)
    star = accident.renderer().rootRule().children()[0].symbol().symbolLayer(0)
    expect("accidents are stars", star.layerType() == "SimpleMarker" and star.properties()["name"] == "star")
    hazard = layer_of(path, "hazard_area")
    widget = hazard.editorWidgetSetup(hazard.fields().indexFromName("classification"))
    expect("choices are lists to choose from", widget.type() == "ValueMap")
    expect("places have labels", layer_of(path, "place").labelsEnabled())


def fitting(layer, feature):
    """Labels of the rules that draw a feature, "ELSE" where only that one is left."""
    from qgis.core import QgsExpressionContext, QgsExpressionContextUtils
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(feature)
    rules = layer.renderer().rootRule().children()
    fits = [r.label() for r in rules if not r.isElse() and r.filter() is not None and r.filter().evaluate(context)]
    return fits or ["ELSE"]


def each_feature_is_drawn_once(path):
    drawn = {}
    for name in ["hazard_area", "search", "hazard_cell"]:
        layer = layer_of(path, name)
        expect(f"{name} has rules that exclude each other", len(layer.renderer().rootRule().children()) >= 3)
        for feature in layer.getFeatures():
            fits = fitting(layer, feature)
            expect(f"{name} {feature.id()} is drawn by one rule {fits}", len(fits) == 1)
            drawn.setdefault(name, []).append(fits[0])
    # Not only once, but in its own class: later rules exclude earlier ones, which once excluded everything.
    expect(f"cells have the colours of their densities {drawn['hazard_cell']}",
           drawn["hazard_cell"] == ["0.001 to 0.01", "0.01 to 0.1", "1 to 10"])
    expect(f"searches are told apart by type {drawn['search']}", len(set(drawn["search"])) >= 3)


def project(path):
    p = QgsProject()
    expect("the embedded project loads", p.read(f"geopackage:{path}?projectName=tilth"))
    found = list(p.mapLayers().values())
    expect("the embedded project has all layers", len(found) >= len(LAYERS) + 2)
    bad = [layer.name() for layer in found if not layer.isValid()]
    expect(f"all its layers are valid {bad}", not bad)
    elsewhere = [layer.source() for layer in found if os.path.basename(path) not in layer.source()]
    expect(f"they are layers of this very file {elsewhere[:1]}", not elsewhere)
    expect("it has the project's system", p.crs().authid() == "EPSG:32618")
    expect("it opens on the area", not p.viewSettings().defaultViewExtent().isEmpty())
    groups = [g.name() for g in p.layerTreeRoot().findGroups()]
    expect(f"it has groups {groups}", groups[:1] == ["Evidence"] and "Hazard" in groups)
    unnamed = [layer.name() for layer in found if layer.isSpatial() and layer.renderer().type() != "RuleRenderer"]
    expect(f"its layers are styled {unnamed}", not unnamed)


def edit(path):
    layer = layer_of(path, "accident")
    index = layer.fields().indexFromName("category")
    layer.startEditing()
    first = next(layer.getFeatures())
    layer.changeAttributeValue(first.id(), index, "AV mine")
    new = QgsFeature(layer.fields())
    new.setAttribute("category", "UXO")
    new.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(-75.15, 7.05)))
    layer.addFeature(new)
    expect("an edit in QGIS is saved " + "; ".join(layer.commitErrors()), layer.commitChanges())
    del layer
    db = sqlite3.connect(path)
    lines = db.execute("SELECT op, actor, record_id FROM log WHERE actor = 'outside' ORDER BY id").fetchall()
    expect(f"it is in the log {lines}", ("update", "outside", first.id()) in lines and
           any(op == "insert" for op, _, _ in lines))
    code = db.execute("SELECT code, entered_by FROM accident WHERE category = 'UXO'").fetchone()
    expect(f"a record drawn in QGIS has a code {code}", code == ("AC-0004", "outside"))
    tree = db.execute("SELECT count(*) FROM rtree_accident_geom").fetchone()
    expect("the R-tree has it too", tree == (4,))
    db.close()
    text = check(path)
    expect("check says that it is not sealed yet, and nothing worse: " + text.strip(),
           "log-unsealed" in text and "error" not in text)


def rename(path):
    moved = os.path.join(os.path.dirname(path), "moved & renamed.gpkg")
    shutil.copy(path, moved)
    subprocess.run([TOOL, "settle", moved], check=True, capture_output=True)
    os.remove(path)
    p = QgsProject()
    expect("a renamed file's project loads", p.read(f"geopackage:{moved}?projectName=tilth"))
    bad = [layer.name() for layer in p.mapLayers().values()
           if not layer.isValid() or "moved & renamed" not in layer.source()]
    expect(f"its layers are those of the renamed file {bad}", not bad)
    expect("after opening for writing nothing is left to say: " + check(moved).strip(), check(moved) == "")


def main():
    folder = tempfile.mkdtemp() if len(sys.argv) < 3 else sys.argv[2]
    path = os.path.join(folder, "qgis_check.gpkg")
    subprocess.run([TOOL, "make", path], check=True)
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    try:
        for step in (layers, each_feature_is_drawn_once, project, edit, rename):
            step(path)
    finally:
        app.exitQgis()
        if len(sys.argv) < 3:
            shutil.rmtree(folder)
    print(f"{len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
